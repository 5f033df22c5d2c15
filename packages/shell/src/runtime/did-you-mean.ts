import { editDistance } from './nearest-command.ts';

/** Shorter words are like too many others. */
const SHORTEST = 4;
/** In words up to this length one letter may be wrong, in longer ones two. */
const SHORT = 5;

/** The name that a misspelt one, or a misspelt beginning of one, was meant to be; undefined when none is near. */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  if (word.length < SHORTEST) return undefined;
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let least = wanted.length <= SHORT ? 2 : 3;
  for (const name of names) {
    const distance = distanceToBeginning(wanted, name.toLowerCase());
    if (distance < least || (distance === least && best !== undefined && name.length < best.length)) {
      [best, least] = [name, distance];
    }
  }
  return best;
}

/** A beginning is like more names than a whole name: it must be nearer. */
function distanceToBeginning(wanted: string, name: string): number {
  const lengths = [-1, 0, 1].map((more) => wanted.length + more).filter((length) => length < name.length);
  const nearest = Math.min(...lengths.map((length) => editDistance(wanted, name.slice(0, length))));
  return Math.min(editDistance(wanted, name), nearest > 1 ? Infinity : nearest);
}
