import { CustomObject } from '../runtime/custom-object.ts';
import { Hashtable } from '../runtime/hashtable.ts';
import { memberNames, readMember } from '../runtime/members.ts';
import { toText } from '../runtime/value-conversion.ts';

// A name or message may come from another machine; its control characters are not for this terminal.
const CONTROLS = /[\p{Cc}\u2028\u2029]/gu;

/** Objects in objects that are shown; one that holds itself has no end. */
const MOST_LEVELS = 4;

/** Elements of a list that are shown, as PowerShell's $FormatEnumerationLimit. */
const MOST_ELEMENTS = 4;

/** Text of one line without control characters. */
export function printable(text: string): string {
  return text.replaceAll(CONTROLS, '\ufffd');
}

/** How a value shows by itself: dates local, lists in braces, nothing for what is missing. */
export function valueText(value: unknown, level = 0): string {
  if (value instanceof Date) return value.toLocaleString();
  if (level > MOST_LEVELS) return '…';
  if (Array.isArray(value)) return enumeration(value.map((one) => elementText(one, level)));
  if (value instanceof Hashtable) {
    const entries = [...value.entries()];
    return enumeration(entries.map(([key, one]) => `[${elementText(key, level)}, ${elementText(one, level)}]`));
  }
  return isRecord(value) ? recordText(value, level) : toText(value);
}

/** A value in the cell of a table: the first of its lines. */
export function cellText(value: unknown): string {
  const [first = '', ...others] = valueLines(value);
  return others.length === 0 ? first : `${first}…`;
}

/** A value's lines without control characters, none of them empty at the end. */
export function valueLines(value: unknown): string[] {
  const lines = valueText(value).trimEnd().replaceAll('\t', ' ').split(/\r?\n/u);
  return lines.map(printable);
}

function elementText(value: unknown, level: number): string {
  return value === null || value === undefined ? '$null' : valueText(value, level + 1);
}

function enumeration(texts: readonly string[]): string {
  const more = texts.length > MOST_ELEMENTS ? '…' : '';
  return `{${texts.slice(0, MOST_ELEMENTS).join(', ')}${more}}`;
}

/** An object of properties and nothing else. */
function isRecord(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return value instanceof CustomObject || Reflect.getPrototypeOf(value) === Object.prototype;
}

function recordText(value: object, level: number): string {
  const properties = memberNames(value).map((name) => `${name}=${valueText(readMember(value, name), level + 1)}`);
  return `@{${properties.join('; ')}}`;
}
