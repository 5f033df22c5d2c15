/** `[char]'A'`: text like any other, but a number of a character where a number is asked for. */
export class Char {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The number as `[int]` gives it. */
  get code(): number {
    return this.#text.codePointAt(0) ?? 0;
  }

  toString(): string {
    return this.#text;
  }
}
