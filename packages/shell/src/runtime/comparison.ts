import { Char } from './char.ts';
import { pattern } from './regex-text.ts';
import { withoutOrigin } from './remote-text.ts';
import { TimeSpan, toTimeSpan } from './time-span.ts';
import { fullTypeName, TypeLiteral } from './type-literal.ts';
import { CastError, toBoolean, toList, toNumber, toText } from './value-conversion.ts';
import { matchesWildcard } from './wildcard.ts';

/** Whether one value compares so to another; the left one says as what they are compared. */
type Test = (left: unknown, right: unknown, caseSensitive: boolean) => boolean;

const TESTS: Readonly<Record<string, Test>> = {
  eq: isEqual,
  ne: (left, right, cased) => !isEqual(left, right, cased),
  lt: (left, right, cased) => compareValues(left, right, cased) < 0,
  le: (left, right, cased) => compareValues(left, right, cased) <= 0,
  gt: (left, right, cased) => compareValues(left, right, cased) > 0,
  ge: (left, right, cased) => compareValues(left, right, cased) >= 0,
  like: (left, right, cased) => matchesWildcard(toText(right), toText(left), cased),
  notlike: (left, right, cased) => !matchesWildcard(toText(right), toText(left), cased),
  match: (left, right, cased) => pattern(right, cased).regex.test(toText(left)),
  notmatch: (left, right, cased) => !pattern(right, cased).regex.test(toText(left)),
};

/**
 * The comparison operators, `-eq` to `-notmatch`, each with `-c…` for case: of a list the elements for which it holds
 * (about_Comparison_Operators). Undefined for an operator that is none of these.
 */
export function comparison(operator: string): ((left: unknown, right: unknown) => unknown) | undefined {
  const { name, cased } = nameOf(operator);
  const test = TESTS[name];
  if (test !== undefined) {
    return (left, right) =>
      Array.isArray(left) ? left.filter((value) => test(value, right, cased)) : test(left, right, cased);
  }
  if (name === 'contains') return (left, right) => contains(left, right, cased);
  if (name === 'notcontains') return (left, right) => !contains(left, right, cased);
  if (name === 'in') return (left, right) => contains(right, left, cased);
  if (name === 'notin') return (left, right) => !contains(right, left, cased);
  return undefined;
}

/** Groups of a match as `$Matches` has them: numbers and names; undefined without a match. */
export function matchGroups(operator: string, left: unknown, right: unknown): [string | number, string][] | undefined {
  const { name, cased } = nameOf(operator);
  if ((name !== 'match' && name !== 'notmatch') || Array.isArray(left)) return undefined;
  const { regex, groups } = pattern(right, cased);
  const match = regex.exec(toText(left));
  if (match === null) return undefined;
  const found = groups.flatMap(({ name: group, index }, at): [string | number, string][] => {
    const text: string | undefined = match[index];
    return text === undefined ? [] : [[group ?? at + 1, text]];
  });
  return [[0, match[0]], ...found];
}

/** Order of two values: below 0, 0 or above. Numbers as numbers, dates as dates, anything else as text. */
export function compareValues(left: unknown, right: unknown, caseSensitive: boolean): number {
  if (isNothing(left)) return isNothing(right) ? 0 : -1;
  if (isNothing(right)) return 1;
  if (left instanceof Date) return left.getTime() - asDate(right).getTime();
  if (left instanceof TimeSpan) return left.TotalMilliseconds - toTimeSpan(right).TotalMilliseconds;
  if (typeof left === 'number' || typeof left === 'boolean') return toNumber(left) - toNumber(right);
  const [a, b] = [toText(left), toText(right)];
  const collator = caseSensitive ? cased : folded;
  return collator.compare(a, b);
}

const folded = new Intl.Collator('en', { sensitivity: 'accent' });
const cased = new Intl.Collator('en', { sensitivity: 'variant' });

/** Whether two values are equal; the left one says as what. */
export function isEqual(first: unknown, second: unknown, caseSensitive: boolean): boolean {
  const [left, right] = [comparable(first, second), comparable(second, first)];
  if (isNothing(left) || isNothing(right)) return isNothing(left) && isNothing(right);
  if (typeof left === 'boolean') return left === toBoolean(right);
  if (typeof left === 'string') return same(left, toText(right), caseSensitive);
  if (typeof left === 'number' || left instanceof Date || left instanceof TimeSpan) return hasEqualOrder(left, right);
  if (left instanceof TypeLiteral) return left.FullName === fullTypeName(toText(right));
  return left === right || (typeof right === 'string' && same(toText(left), right, caseSensitive));
}

/** A character beside a number is one; else it is text. */
function comparable(value: unknown, other: unknown): unknown {
  return value instanceof Char && typeof other === 'number' ? value.code : withoutOrigin(value);
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined;
}

/** What cannot be compared is not equal. */
function hasEqualOrder(left: number | Date | TimeSpan, right: unknown): boolean {
  try {
    return compareValues(left, right, false) === 0;
  } catch (error) {
    if (error instanceof CastError) return false;
    throw error;
  }
}

function same(left: string, right: string, caseSensitive: boolean): boolean {
  return left === right || (!caseSensitive && left.toLowerCase() === right.toLowerCase());
}

function contains(list: unknown, value: unknown, caseSensitive: boolean): boolean {
  return toList(list).some((one) => isEqual(one, value, caseSensitive));
}

function asDate(value: unknown): Date {
  if (value instanceof Date) return value;
  const date = new Date(toText(value));
  if (Number.isNaN(date.getTime())) {
    throw new CastError(value, 'System.DateTime', `String '${toText(value)}' was not recognized as a valid DateTime.`);
  }
  return date;
}

function nameOf(operator: string): { name: string; cased: boolean } {
  const word = operator.slice(1);
  const isCased = word.startsWith('c') && word !== 'contains';
  return { name: isCased ? word.slice(1) : word, cased: isCased };
}
