/** What a key comes too early for: nobody has read the line yet, and it may be a terminal's answer. */
const UNREAD_MS = 500;

/** One line about a session that has no place in its output: how the link is, or something said for a moment. */
export class PassingNotice {
  readonly #onChange: (text: string | undefined, before: string | undefined) => void;
  readonly #standMs: number;
  #text: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #saidAt = 0;

  /** @param standMs how long stands what is said for a moment */
  constructor(standMs: number, onChange: (text: string | undefined, before: string | undefined) => void) {
    this.#standMs = standMs;
    this.#onChange = onChange;
  }

  get text(): string | undefined {
    return this.#text;
  }

  /** Shows a line until it is replaced; undefined takes it away. */
  set(text: string | undefined): void {
    const before = this.#text;
    this.#text = text;
    this.#onChange(text, before);
  }

  /** Shows a line, or takes it away if it is the one that stands. */
  toggle(text: string, isShown: boolean): void {
    if (isShown) this.set(text);
    else if (this.#text === text) this.set(undefined);
  }

  /** Shows a line for a moment. */
  say(text: string): void {
    this.set(text);
    this.#saidAt = performance.now();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hush(), this.#standMs);
  }

  /** Something was typed: what was said for a moment has been seen. */
  seen(): void {
    if (performance.now() - this.#saidAt > UNREAD_MS) this.hush();
  }

  /** Takes back what was said for a moment, if it still stands. */
  hush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.set(undefined);
  }
}
