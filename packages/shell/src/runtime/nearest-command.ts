/** Edits that a misspelt name may be away from the right one. */
const MAX_EDITS = 2;

/** A verb and a noun, each with a capital: nothing of Unix is called so. */
const VERB_NOUN = /^[A-Z][a-z]+-[A-Z][A-Za-z]+$/u;

/** Whether a word was meant to be one of the commands. */
export function isMisspelt(word: string, names: readonly string[]): boolean {
  return VERB_NOUN.test(word) && nearestCommand(word, names) !== undefined;
}

/** The command whose name is nearest to a misspelt one; undefined when none is near. */
export function nearestCommand(word: string, names: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let least = MAX_EDITS + 1;
  for (const name of names) {
    const edits = editDistance(wanted, name.toLowerCase());
    if (edits < least) [best, least] = [name, edits];
  }
  return best;
}

/** Letters to insert, leave out, replace, or swap with their neighbour (Damerau-Levenshtein, restricted). */
export function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > MAX_EDITS) return MAX_EDITS + 1;
  const rows = [Array.from({ length: b.length + 1 }, (_, at) => at)];
  const cell = (row: number, column: number): number => rows[row]?.[column] ?? MAX_EDITS + 1;
  for (let row = 1; row <= a.length; row++) {
    rows.push([row]);
    for (let column = 1; column <= b.length; column++) {
      const replaced = cell(row - 1, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const isSwap = row > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      const swapped = isSwap ? cell(row - 2, column - 2) + 1 : Infinity;
      rows[row]?.push(Math.min(replaced, swapped, cell(row - 1, column) + 1, cell(row, column - 1) + 1));
    }
  }
  return cell(a.length, b.length);
}
