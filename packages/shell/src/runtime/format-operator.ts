import { formatDate } from './date-format.ts';
import { ErrorRecord } from './error-record.ts';
import { formatTimeSpan } from './time-span-format.ts';
import { TimeSpan } from './time-span.ts';
import { toInteger, toNumber, toText } from './value-conversion.ts';

const ITEM = /\{\{|\}\}|\{(\d+)(?:,(-?\d+))?(?::([^}]*))?\}|[{}]/gu;

/** `'{0,8:N2}' -f 5`: .NET's composite formatting, numbers and dates as in English. @throws ErrorRecord FormatError */
export function formatText(format: string, values: readonly unknown[]): string {
  return format.replaceAll(ITEM, (item: string, index?: string, width?: string, specifier?: string) => {
    if (item === '{{' || item === '}}') return item.charAt(0);
    if (index === undefined) throw formatError('Input string was not in a correct format.');
    if (Number(index) >= values.length) {
      throw formatError(
        'Index (zero based) must be greater than or equal to zero and less than the size of the argument list.',
      );
    }
    const text = formatValue(values[Number(index)], specifier ?? '');
    const cells = Number(width ?? 0);
    return cells < 0 ? text.padEnd(-cells) : text.padStart(cells);
  });
}

/** One value by a format: `N2`, `X4`, `P0`, `D3`, `yyyy-MM-dd`; text without a format stays. */
export function formatValue(value: unknown, specifier: string): string {
  if (specifier === '') return toText(value);
  if (value instanceof Date) {
    const text = formatDate(value, specifier);
    if (text === undefined) throw formatError('Input string was not in a correct format.');
    return text;
  }
  if (value instanceof TimeSpan) {
    const text = formatTimeSpan(value, specifier);
    if (text === undefined) throw formatError('Input string was not in a correct format.');
    return text;
  }
  if (typeof value !== 'number') return toText(value);
  const standard = /^([a-z])(\d*)$/iu.exec(specifier);
  return standard === null
    ? customNumber(value, specifier)
    : standardNumber(value, standard[1] ?? '', standard[2] === '' ? undefined : Number(standard[2]));
}

type NumberFormat = (value: number, digits: number | undefined, letter: string) => string;

const NUMBER_FORMATS: Readonly<Record<string, NumberFormat>> = {
  n: (value, digits = 2) => fixed(value, digits, true),
  f: (value, digits = 2) => fixed(value, digits, false),
  p: (value, digits = 2) => `${fixed(value * 100, digits, true)}%`,
  c: (value, digits = 2) => `$${fixed(value, digits, true)}`,
  d: (value, digits = 0) => `${value < 0 ? '-' : ''}${String(Math.abs(toInteger(value))).padStart(digits, '0')}`,
  g: (value, digits = 0) => toText(digits === 0 ? value : Number(value.toPrecision(digits))),
  x(value, digits = 0, letter) {
    const number = toInteger(value);
    // A negative number is as wide as its type: 32 bits where they hold it.
    const width = number === (number | 0) ? 32 : 64;
    const hex = BigInt.asUintN(width, BigInt(number)).toString(16).padStart(digits, '0');
    return letter === 'X' ? hex.toUpperCase() : hex;
  },
  e(value, digits = 6, letter) {
    const [mantissa = '', power = '0'] = value.toExponential(digits).split('e');
    return `${mantissa}${letter}${power.charAt(0)}${power.slice(1).padStart(3, '0')}`;
  },
};

function standardNumber(value: number, letter: string, digits: number | undefined): string {
  const format = NUMBER_FORMATS[letter.toLowerCase()];
  if (format === undefined) throw formatError(`Format specifier '${letter}' was invalid.`);
  return format(value, digits, letter);
}

function fixed(value: number, digits: number, useGrouping: boolean): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping });
}

/** `0.00`, `#,##0`, `00`. */
function customNumber(value: number, pattern: string): string {
  const [whole = '', fraction = ''] = pattern.split('.');
  const text = Math.abs(toNumber(value)).toLocaleString('en-US', {
    minimumIntegerDigits: Math.max(1, whole.replaceAll(/[^0]/gu, '').length),
    minimumFractionDigits: fraction.replaceAll(/[^0]/gu, '').length,
    maximumFractionDigits: fraction.replaceAll(/[^0#]/gu, '').length,
    useGrouping: whole.includes(','),
  });
  return value < 0 ? `-${text}` : text;
}

function formatError(reason: string): ErrorRecord {
  return new ErrorRecord('FormatError', 'InvalidOperation', `Error formatting a string: ${reason}`);
}
