import { parseNoting } from './parser.ts';
import type { Token } from './tokens.ts';

/** The coloured parts of a text, in order and none in another; up to the first error, if there is one. */
export function tokensOf(text: string): readonly Token[] {
  return parseNoting(text).scanner.tokens;
}
