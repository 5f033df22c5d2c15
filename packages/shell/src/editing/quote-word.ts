/** A word as any Unix shell reads it back unchanged; with `=` in it, the first one would be an assignment. */
export function quoteWord(word: string): string {
  return /^[\w@%+:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
