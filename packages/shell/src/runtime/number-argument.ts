/** A number as a command's argument: `text` is what was typed, and what a string parameter gets (`-Name 007`). */
export class NumberArgument {
  readonly value: number;
  readonly text: string;

  constructor(value: number, text: string) {
    this.value = value;
    this.text = text;
  }
}

/** The value without the text of its numbers. */
export function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainValue);
  return value instanceof NumberArgument ? value.value : value;
}
