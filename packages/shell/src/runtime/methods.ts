import { Char } from './char.ts';
import { isEqual } from './comparison.ts';
import { dateAfter, monthsAfter, timeBetween } from './date-arithmetic.ts';
import { ErrorList } from './error-list.ts';
import { ErrorRecord } from './error-record.ts';
import { formatValue } from './format-operator.ts';
import { Hashtable, HashtableEntry } from './hashtable.ts';
import { withoutOrigin } from './remote-text.ts';
import { TimeSpan, toTimeSpan } from './time-span.ts';
import { fullTypeName, TypeLiteral } from './type-literal.ts';
import { toInteger, toNumber, toText } from './value-conversion.ts';

/** A method of a value: `self` is of the kind that its table is for. */
type Methods<T> = Readonly<Record<string, (self: T, ...values: unknown[]) => unknown>>;

const STRING: Methods<string> = {
  ToUpper: (self) => self.toUpperCase(),
  ToLower: (self) => self.toLowerCase(),
  Trim: (self, chars) => self.replace(trimmer(chars, 'start'), '').replace(trimmer(chars, 'end'), ''),
  TrimStart: (self, chars) => self.replace(trimmer(chars, 'start'), ''),
  TrimEnd: (self, chars) => self.replace(trimmer(chars, 'end'), ''),
  Contains: (self, text) => self.includes(toText(text)),
  StartsWith: (self, text) => self.startsWith(toText(text)),
  EndsWith: (self, text) => self.endsWith(toText(text)),
  IndexOf: (self, text, from = 0) => self.indexOf(toText(text), toInteger(from)),
  LastIndexOf: (self, text) => self.lastIndexOf(toText(text)),
  Replace: (self, what, by) => self.replaceAll(toText(what), () => toText(by)),
  Split: (self, ...separators) => split(self, separators),
  Substring: (self, from, length) =>
    substring(self, toInteger(from), length === undefined ? undefined : toInteger(length)),
  PadLeft: (self, width, char = ' ') => self.padStart(toInteger(width), toText(char)),
  PadRight: (self, width, char = ' ') => self.padEnd(toInteger(width), toText(char)),
  Insert: (self, at, text) => self.slice(0, toInteger(at)) + toText(text) + self.slice(toInteger(at)),
  Remove: (self, from, length) =>
    self.slice(0, toInteger(from)) + (length === undefined ? '' : self.slice(toInteger(from) + toInteger(length))),
  ToCharArray: (self) => Array.from(self, (char) => new Char(char)),
  Equals: (self, other) => self === other,
};

const ARRAY: Methods<unknown[]> = {
  Contains: (self, value) => self.some((one) => isEqual(one, value, true)),
  IndexOf: (self, value) => self.findIndex((one) => isEqual(one, value, true)),
  GetEnumerator: (self) => self,
  Add: () => refuseChange('Add'),
  Insert: () => refuseChange('Insert'),
  Remove: () => refuseChange('Remove'),
  RemoveAt: () => refuseChange('RemoveAt'),
};

const ERROR_LIST: Methods<ErrorList> = {
  Clear: (self) => {
    self.length = 0;
  },
  RemoveAt: (self, index) => void self.splice(toInteger(index), 1),
  RemoveRange: (self, index, count) => void self.splice(toInteger(index), toInteger(count)),
  Remove: (self, record) => void self.splice(self.indexOf(record as ErrorRecord) >>> 0, 1),
};

const HASHTABLE: Methods<Hashtable> = {
  ContainsKey: (self, key) => self.has(key),
  Contains: (self, key) => self.has(key),
  ContainsValue: (self, value) => self.Values.some((one) => isEqual(one, value, true)),
  Add: (self, key, value) => {
    if (self.has(key)) {
      const message = `Item has already been added. Key in dictionary: '${toText(key)}'  Key being added: '${toText(key)}'`;
      throw new ErrorRecord('ArgumentException', 'InvalidArgument', message);
    }
    self.set(key, value);
  },
  Remove: (self, key) => self.delete(key),
  Clear: (self) => self.clear(),
  GetEnumerator: (self) => Array.from(self.entries(), ([key, value]) => new HashtableEntry(key, value)),
};

const DATE: Methods<Date> = {
  AddMilliseconds: (self, count) => dateAfter(self, toNumber(count)),
  AddSeconds: (self, count) => dateAfter(self, toNumber(count) * 1000),
  AddMinutes: (self, count) => dateAfter(self, toNumber(count) * 60_000),
  AddHours: (self, count) => dateAfter(self, toNumber(count) * 3_600_000),
  AddDays: (self, count) => dateAfter(self, toNumber(count) * 86_400_000),
  AddMonths: (self, count) => monthsAfter(self, toInteger(count)),
  AddYears: (self, count) => monthsAfter(self, toInteger(count) * 12),
  Add: (self, time) => dateAfter(self, toTimeSpan(time).TotalMilliseconds),
  Subtract: (self, other) =>
    other instanceof Date ? timeBetween(self, other) : dateAfter(self, -toTimeSpan(other).TotalMilliseconds),
  ToString: (self, format = '') => formatValue(self, toText(format)),
};

/** Names of the methods of a value, for completion. */
export function methodNames(value: unknown): string[] {
  return [...Object.keys(boundMethods(value)), 'ToString'].toSorted();
}

/**
 * Calls a method of a value, in any case. Only these: what JavaScript objects have besides is nobody's business.
 * @throws ErrorRecord MethodNotFound
 */
export function callMethod(value: unknown, name: string, values: readonly unknown[]): unknown {
  if (value === null || value === undefined) {
    throw new ErrorRecord(
      'InvokeMethodOnNull',
      'InvalidOperation',
      'You cannot call a method on a null-valued expression.',
    );
  }
  const method = findMethod(value, name);
  if (method !== undefined) return method(...values) ?? null;
  if (name.toLowerCase() === 'tostring') {
    const isFormatted = typeof value === 'number' || value instanceof TimeSpan;
    return isFormatted && values.length > 0 ? formatValue(value, toText(values[0])) : toText(value);
  }
  if (Array.isArray(value) && value.length > 0) return value.map((one) => callMethod(one, name, values));
  const message = `Method invocation failed because [${typeNameOf(value)}] does not contain a method named '${name}'.`;
  throw new ErrorRecord('MethodNotFound', 'InvalidOperation', message, { target: name });
}

/** The full name of a value's type, as `.GetType()` and messages show it. */
export function typeNameOf(given: unknown): string {
  return given instanceof Char ? 'System.Char' : plainTypeName(withoutOrigin(given));
}

function plainTypeName(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return 'System.String';
  if (typeof value === 'boolean') return 'System.Boolean';
  if (typeof value === 'number') return numberTypeOf(value);
  if (Array.isArray(value)) return value instanceof ErrorList ? 'System.Collections.ArrayList' : 'System.Object[]';
  if (value instanceof Date) return 'System.DateTime';
  if (value instanceof TypeLiteral) return 'System.RuntimeType';
  return typeof value === 'object' ? fullTypeName(value.constructor.name.replace(/^_+/u, '')) : typeof value;
}

function numberTypeOf(number: number): string {
  if (!Number.isSafeInteger(number)) return 'System.Double';
  return number === (number | 0) ? 'System.Int32' : 'System.Int64';
}

type BoundMethods = Readonly<Record<string, (...values: unknown[]) => unknown>>;

function boundMethods(given: unknown): BoundMethods {
  const value = withoutOrigin(given);
  if (typeof value === 'string') return bound(STRING, value);
  if (value instanceof ErrorList) return { ...bound(ARRAY, value), ...bound(ERROR_LIST, value) };
  if (Array.isArray(value)) return bound(ARRAY, value);
  if (value instanceof Hashtable) return bound(HASHTABLE, value);
  return value instanceof Date ? bound(DATE, value) : {};
}

function bound<T>(methods: Methods<T>, self: T): BoundMethods {
  return Object.fromEntries(
    Object.entries(methods).map(([name, method]) => [name, (...values: unknown[]): unknown => method(self, ...values)]),
  );
}

function findMethod(value: unknown, name: string): BoundMethods[string] | undefined {
  const wanted = name.toLowerCase();
  return Object.entries(boundMethods(value)).find(([key]) => key.toLowerCase() === wanted)?.[1];
}

function refuseChange(name: string): never {
  const message = `Exception calling "${name}": the System.Object[] is of a fixed size; += makes a longer one.`;
  throw new ErrorRecord('NotSupportedException', 'NotImplemented', message, { target: name });
}

function trimmer(chars: unknown, where: 'start' | 'end'): RegExp {
  const set =
    chars === undefined
      ? String.raw`\s`
      : Array.from(toText(chars), (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`).join('');
  return where === 'start' ? new RegExp(`^[${set}]+`, 'u') : new RegExp(`[${set}]+$`, 'u');
}

/** At each of the separators, which are whole texts as in .NET Core, or at blanks. */
function split(text: string, separators: readonly unknown[]): string[] {
  const texts = separators
    .flat()
    .map(toText)
    .filter((one) => one !== '');
  if (texts.length === 0) return text.split(/\s/u);
  const [first = '', ...others] = texts;
  return others.length === 0 ? text.split(first) : text.split(new RegExp(texts.map(escaped).join('|'), 'u'));
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/gu, '\\$&');
}

function substring(text: string, from: number, length: number | undefined): string {
  if (from < 0 || from > text.length || (length !== undefined && (length < 0 || from + length > text.length))) {
    const message = 'Index and length must refer to a location within the string.';
    throw new ErrorRecord('ArgumentOutOfRangeException', 'InvalidArgument', message);
  }
  return text.slice(from, length === undefined ? undefined : from + length);
}
