/** How long a passing notice stands. */
const NOTICE_MS = 3000;

/** One line about a session that has no place in its output: how the link is, or something said for a moment. */
export class PassingNotice {
  readonly #onChange: (text: string | undefined, before: string | undefined) => void;
  #text: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(onChange: (text: string | undefined, before: string | undefined) => void) {
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
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hush(), NOTICE_MS);
  }

  /** Takes back what was said for a moment, if it still stands. */
  hush(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.set(undefined);
  }
}
