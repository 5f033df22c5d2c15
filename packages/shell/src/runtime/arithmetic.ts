import { Char } from './char.ts';
import { dateAfter, timeBetween } from './date-arithmetic.ts';
import { ErrorRecord } from './error-record.ts';
import { Hashtable } from './hashtable.ts';
import { withoutOrigin } from './remote-text.ts';
import { TimeSpan, toTimeSpan } from './time-span.ts';
import { CastError, toInteger, toList, toNumber, toText } from './value-conversion.ts';

/** Most elements that a range or a repetition makes. */
const MAX_ELEMENTS = 10_000_000;

/** What `+ - * / % ..` do; the left side says whether it is text, a list, a table or a number (about_Arithmetic_Operators). */
export const ARITHMETIC: Readonly<Record<string, (left: unknown, right: unknown) => unknown>> = {
  '+': add,
  '-': subtract,
  '*': multiply,
  '/': divide,
  '%': (left, right) => nonZero(right, (divisor) => toNumber(left) % divisor),
  '..': range,
  '-band': (left, right) => inBits(left, right, (a, b) => a & b),
  '-bor': (left, right) => inBits(left, right, (a, b) => a | b),
  '-bxor': (left, right) => inBits(left, right, (a, b) => a ^ b),
  '-shl': (left, right) => shifted(left, right, (number, by) => number << by),
  '-shr': (left, right) => shifted(left, right, (number, by) => number >> by),
};

function add(first: unknown, right: unknown): unknown {
  const left = withoutOrigin(first);
  if (typeof left === 'string') return left + toText(right);
  if (Array.isArray(left)) return [...left, ...toList(right)];
  if (left instanceof Hashtable && right instanceof Hashtable) {
    for (const key of right.Keys)
      if (left.has(key)) throw invalid(`Item has already been added. Key in dictionary: '${toText(key)}'`);
    return new Hashtable([...left.entries(), ...right.entries()]);
  }
  if (left === null || left === undefined) return right ?? null;
  if (left instanceof Date) return dateAfter(left, toTimeSpan(right).TotalMilliseconds);
  if (left instanceof TimeSpan) return new TimeSpan(left.TotalMilliseconds + toTimeSpan(right).TotalMilliseconds);
  return toNumber(left) + toNumber(right);
}

function subtract(left: unknown, right: unknown): unknown {
  if (left instanceof Date) {
    return right instanceof Date ? timeBetween(left, right) : dateAfter(left, -toTimeSpan(right).TotalMilliseconds);
  }
  if (left instanceof TimeSpan) return new TimeSpan(left.TotalMilliseconds - toTimeSpan(right).TotalMilliseconds);
  return toNumber(left) - toNumber(right);
}

function multiply(first: unknown, right: unknown): unknown {
  const left = withoutOrigin(first);
  if (left instanceof TimeSpan) return new TimeSpan(left.TotalMilliseconds * toNumber(right));
  if (typeof left !== 'string' && !Array.isArray(left)) return toNumber(left) * toNumber(right);
  const times = toInteger(right);
  if (times < 0 || times * left.length > MAX_ELEMENTS) throw invalid(`Cannot repeat a value ${times} times.`);
  if (typeof left === 'string') return left.repeat(times);
  return Array.from({ length: times }, () => left).flat();
}

function divide(left: unknown, right: unknown): unknown {
  if (left instanceof TimeSpan) {
    if (right instanceof TimeSpan) return divide(left.TotalMilliseconds, right.TotalMilliseconds);
    return new TimeSpan(nonZero(right, (divisor) => left.TotalMilliseconds / divisor));
  }
  return nonZero(right, (divisor) => toNumber(left) / divisor);
}

function nonZero(right: unknown, operation: (divisor: number) => number): number {
  const divisor = toNumber(right);
  if (divisor === 0) throw new ErrorRecord('RuntimeException', 'InvalidOperation', 'Attempted to divide by zero.');
  return operation(divisor);
}

/** Numbers, or characters, up or down. */
function range(first: unknown, last: unknown): unknown[] {
  const [left, right] = [withoutOrigin(first), withoutOrigin(last)];
  const letters = typeof left === 'string' && typeof right === 'string' && /^\D$/u.test(left) && /^\D$/u.test(right);
  const from = letters ? (left.codePointAt(0) ?? 0) : toInteger(left);
  const to = letters ? (right.codePointAt(0) ?? 0) : toInteger(right);
  const length = Math.abs(to - from) + 1;
  if (length > MAX_ELEMENTS) throw invalid(`A range of ${length} elements is over the limit of ${MAX_ELEMENTS}.`);
  const step = to < from ? -1 : 1;
  return Array.from({ length }, (_, index) =>
    letters ? new Char(String.fromCodePoint(from + index * step)) : from + index * step,
  );
}

/** Whole numbers of 32 bits, or of 64 when one of them needs more. */
function inBits(left: unknown, right: unknown, operation: (a: bigint, b: bigint) => bigint): number {
  return Number(operation(bits(left), bits(right)));
}

/** `-bnot`: of 64 bits where 32 do not hold the number. @throws CastError */
export function complement(value: unknown): number {
  return Number(~bits(value));
}

/** `-shl` and `-shr` of a number that was cast to `[long]`, though 32 bits would hold it. @throws CastError */
export function shiftedLong(operator: '-shl' | '-shr', left: unknown, right: unknown): number {
  return shifted(left, right, operator === '-shl' ? (number, by) => number << by : (number, by) => number >> by, 64);
}

/** The left number says how wide the result is, and so how far it can be shifted. */
function shifted(
  left: unknown,
  right: unknown,
  operation: (number: bigint, by: bigint) => bigint,
  atLeast = 32,
): number {
  const number = bits(left);
  const width = atLeast === 32 && BigInt.asIntN(32, number) === number ? 32 : 64;
  return Number(BigInt.asIntN(width, operation(number, BigInt.asUintN(width === 32 ? 5 : 6, bits(right)))));
}

function bits(value: unknown): bigint {
  const number = toInteger(value);
  if (Math.abs(number) <= 2 ** 63) return BigInt.asIntN(64, BigInt(number));
  throw new CastError(value, 'System.Int64', 'Value was either too large or too small for an Int64.');
}

function invalid(message: string): ErrorRecord {
  return new ErrorRecord('RuntimeException', 'InvalidArgument', message);
}
