/** Help as text that a screen breaks at words; what is piped or kept is the text as it is. */
export class HelpText {
  readonly #text: string;
  readonly Name: string;
  readonly Category: string;
  readonly Synopsis: string;

  constructor(text: string, about: { name: string; category: string; synopsis: string }) {
    this.#text = text;
    this.Name = about.name;
    this.Category = about.category;
    this.Synopsis = about.synopsis;
  }

  get Length(): number {
    return this.#text.length;
  }

  toString(): string {
    return this.#text;
  }
}
