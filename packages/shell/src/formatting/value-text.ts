import { inspect } from 'node:util';

// A name or message may come from another machine; its control characters are not for this terminal.
const CONTROLS = /[\p{Cc}\u2028\u2029]/gu;

/** Text of one line without control characters. */
export function printable(text: string): string {
  return text.replaceAll(CONTROLS, '\ufffd');
}

/** How a value shows in a table or list: dates local, lists in braces, nothing for what is missing. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (value instanceof Date) return value.toLocaleString();
  if (Array.isArray(value)) return `{${value.map(valueText).join(', ')}}`;
  return printable(typeof value === 'string' ? value : inspect(value, { breakLength: Infinity }));
}
