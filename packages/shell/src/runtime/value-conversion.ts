import { parseNumber } from '../language/number-literal.ts';
import { Char } from './char.ts';
import { CustomObject } from './custom-object.ts';
import { Hashtable } from './hashtable.ts';
import { memberNames, readMember } from './members.ts';
import { withoutOrigin } from './remote-text.ts';
import { ScriptBlock } from './script-block.ts';

/** A value that does not fit a type, in PowerShell's words. */
export class CastError extends TypeError {
  constructor(value: unknown, typeName: string, reason?: string) {
    const text = toText(value);
    super(
      reason === undefined
        ? `Cannot convert value "${text}" to type "${typeName}".`
        : `Cannot convert value "${text}" to type "${typeName}". Error: "${reason}"`,
    );
    this.name = 'CastError';
  }
}

/** Text of a value in a string: numbers and dates as in any culture, lists with blanks between (about_Quoting_Rules). */
export function toText(value: unknown): string {
  return textOf(value, []);
}

/** @param within the objects that the value is in; one that holds itself has no end */
function textOf(value: unknown, within: readonly object[]): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
      return numberText(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'object':
      return value === null ? '' : objectText(value, within);
    default:
      return '';
  }
}

function objectText(value: object, within: readonly object[]): string {
  if (within.includes(value)) return '...';
  const inner = (part: unknown): string => textOf(part, [...within, value]);
  if (Array.isArray(value)) return value.map(inner).join(' ');
  if (value instanceof Date) return dateText(value);
  if (value instanceof Hashtable) return 'System.Collections.Hashtable';
  if (value instanceof ScriptBlock) return value.text;
  if (value instanceof Error) return value.message;
  if (value instanceof CustomObject) {
    return `@{${memberNames(value)
      .map((name) => `${name}=${inner(readMember(value, name))}`)
      .join('; ')}}`;
  }
  return ownText(value);
}

/** False for nothing, 0, '' and an empty list; a list of one is what its element is. */
export function toBoolean(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 1 || (value.length === 1 && toBoolean(value[0]));
  return value !== null && value !== undefined && value !== false && value !== 0 && value !== '';
}

/** @param type what it is to become, for the error @throws CastError */
export function toNumber(given: unknown, type = 'System.Double'): number {
  if (given instanceof Char) return given.code;
  const value = withoutOrigin(given);
  if (typeof value === 'number') return value;
  if (value === null || value === undefined) return 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (value instanceof Date) return value.getTime();
  if (typeof value === 'string') return numberIn(value, type);
  if (Array.isArray(value) && value.length === 1) return toNumber(value[0], type);
  throw new CastError(value, type);
}

function numberIn(text: string, type: string): number {
  const number = text.trim() === '' ? 0 : parseNumber(text.trim());
  if (number !== undefined) return number;
  throw new CastError(text, type, 'Input string was not in a correct format.');
}

/** To the next whole number, halves to the even one, as .NET does. @throws CastError */
export function toInteger(value: unknown, type = 'System.Int32'): number {
  const number = toNumber(value, type);
  const floor = Math.floor(number);
  const fraction = number - floor;
  if (fraction !== 0.5) return Math.round(number);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** The elements of a list, one for a single value, none for nothing. */
export function toList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return value === null || value === undefined ? [] : [value];
}

function numberText(value: number): string {
  if (value === Infinity) return '∞';
  if (value === -Infinity) return '-∞';
  return String(value)
    .replace(/e([+-])(\d)$/u, 'E$10$2')
    .replace('e', 'E');
}

/** `MM/dd/yyyy HH:mm:ss`, which is what a string with a date in it shows in any culture. */
function dateText(date: Date): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  const day = `${two(date.getMonth() + 1)}/${two(date.getDate())}/${date.getFullYear()}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

function ownText(value: object): string {
  const own: unknown = Reflect.get(value, 'toString');
  if (typeof own === 'function' && own !== Object.prototype.toString) return String(Reflect.apply(own, value, []));
  return value.constructor.name;
}
