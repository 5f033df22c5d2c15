import { isDash } from './characters.ts';
import type { Scanner } from './scanner.ts';
import type { UnaryOperator } from './syntax-tree.ts';

/** A binary operator as the tree has it, how it is written, and how strongly it binds. */
export type Operator = { readonly name: string; readonly length: number; readonly level: number };

const DASH_WORD = /[-\u2013-\u2015]([a-z]+)(?!\w)/iuy;
const COMPARISONS = new Set(
  'eq ne gt ge lt le like notlike match notmatch contains notcontains in notin replace split join is isnot as shl shr'.split(
    ' ',
  ),
);
/** These have no variant that looks at the case. */
const CASELESS = new Set(['join', 'is', 'isnot', 'as', 'shl', 'shr']);
const LOGICAL = new Set(['and', 'or', 'xor']);
const BITWISE = new Set(['band', 'bor', 'bxor']);
const UNARY = new Map<string, UnaryOperator>([
  ['not', '-not'],
  ['bnot', '-bnot'],
  ['join', '-join'],
  ['split', '-split'],
  ['csplit', '-split'],
]);

/** From the weakest to the strongest, as in PowerShell's own table (all of them group to the left). */
const LEVEL = { logical: 1, bitwise: 2, comparison: 3, coalesce: 4, add: 5, multiply: 6, format: 7, range: 8 };

/** What an assignment, a redirection or `++` begins with is none of these. */
const SIGN = /\.\.|\?\?(?!=)|\+(?![+=])|\*(?![=>])|[/%](?!=)/uy;
const SIGN_LEVELS = new Map([
  ['..', LEVEL.range],
  ['??', LEVEL.coalesce],
  ['+', LEVEL.add],
  ['*', LEVEL.multiply],
  ['/', LEVEL.multiply],
  ['%', LEVEL.multiply],
]);

/** What stands with a dash and a name at hand, in lower case and without the `i` of `-ieq`. */
function readDashWord(scanner: Scanner): { name: string; length: number } | undefined {
  const match = scanner.match(DASH_WORD);
  const word = match?.[1]?.toLowerCase();
  if (match === undefined || word === undefined) return undefined;
  const insensitive = word.slice(1);
  const isInsensitive = word.startsWith('i') && COMPARISONS.has(insensitive) && !CASELESS.has(insensitive);
  return { name: isInsensitive ? insensitive : word, length: match[0].length };
}

/** The unary operator with a name that stands here, `-not`; a case-sensitive `-csplit` cuts at blanks like `-split`. */
export function peekUnaryWord(scanner: Scanner): { name: UnaryOperator; length: number } | undefined {
  const word = readDashWord(scanner);
  const name = word === undefined ? undefined : UNARY.get(word.name);
  return word !== undefined && name !== undefined ? { name, length: word.length } : undefined;
}

/** The binary operator that stands here; a dash with an unknown name is an error. */
export function peekOperator(scanner: Scanner): Operator | undefined {
  if (isDash(scanner.char)) {
    const word = readDashWord(scanner);
    if (word === undefined) return peekMinus(scanner);
    const level = levelOf(word.name);
    if (level !== undefined) return { name: `-${word.name}`, length: word.length, level };
    scanner.fail(`-${word.name} is no operator`, scanner.at, { to: scanner.at + word.length });
    return undefined;
  }
  return peekSign(scanner);
}

function levelOf(word: string): number | undefined {
  if (LOGICAL.has(word)) return LEVEL.logical;
  if (BITWISE.has(word)) return LEVEL.bitwise;
  if (word === 'f') return LEVEL.format;
  const base = word.slice(1);
  const sensitive = word.startsWith('c') && COMPARISONS.has(base) && !CASELESS.has(base);
  return sensitive || COMPARISONS.has(word) ? LEVEL.comparison : undefined;
}

function peekMinus({ next }: Scanner): Operator | undefined {
  return next === '=' || isDash(next) ? undefined : { name: '-', length: 1, level: LEVEL.add };
}

function peekSign(scanner: Scanner): Operator | undefined {
  const name = scanner.match(SIGN)?.[0];
  const level = SIGN_LEVELS.get(name ?? '');
  return name === undefined || level === undefined ? undefined : { name, length: name.length, level };
}
