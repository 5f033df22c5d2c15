/** A word as every POSIX shell reads it back. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** The same, bare where that reads back unchanged; with `=` in it, the first word of a command would be an assignment. */
export function quoteWord(text: string): string {
  return /^[\w@+:,./-]+$/u.test(text) ? text : shellWord(text);
}

/** Words, joined by blanks. */
export function shellWords(texts: readonly string[]): string {
  return texts.map(shellWord).join(' ');
}

/** The text with its positional parameters set: `$1` and so on. */
export function withPositional(text: string, values: readonly string[]): string {
  return values.length === 0 ? text : `set -- ${shellWords(values)}\n${text}`;
}
