/** How many killed texts are kept. */
const MAX_KILLS = 30;

/** The texts that were cut, newest last; Ctrl-Y inserts the newest and Alt-Y walks back (emacs). */
export class KillRing {
  readonly #kills: string[] = [];
  #shown = 0;

  /** Keeps a cut text; `join` adds it to the newest instead, for kills without another key between. */
  kill(text: string, join?: 'before' | 'after'): void {
    if (text === '') return;
    const newest = join === undefined ? undefined : this.#kills.pop();
    this.#kills.push(join === 'before' ? text + (newest ?? '') : (newest ?? '') + text);
    if (this.#kills.length > MAX_KILLS) this.#kills.shift();
    this.#shown = this.#kills.length - 1;
  }

  /** The newest text, or undefined when nothing was cut. */
  yank(): string | undefined {
    this.#shown = this.#kills.length - 1;
    return this.#kills[this.#shown];
  }

  /** The text before the one given last. */
  rotate(): string | undefined {
    if (this.#kills.length === 0) return undefined;
    this.#shown = (this.#shown - 1 + this.#kills.length) % this.#kills.length;
    return this.#kills[this.#shown];
  }
}
