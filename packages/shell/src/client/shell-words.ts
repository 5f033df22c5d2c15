/** A word as every POSIX shell reads it back. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The same words, joined by blanks. */
export function shellWords(texts: readonly string[]): string {
  return texts.map(shellWord).join(' ');
}

/** The text with its positional parameters set: `$1` and so on. */
export function withPositional(text: string, values: readonly string[]): string {
  return values.length === 0 ? text : `set -- ${shellWords(values)}\n${text}`;
}
