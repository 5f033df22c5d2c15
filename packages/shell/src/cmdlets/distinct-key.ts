import { memberNames, readMember } from '../runtime/members.ts';
import { toText } from '../runtime/value-conversion.ts';

/** A key that two values share when they are the same: kind and text, of an object those of its properties. */
export function distinctKey(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return JSON.stringify(value.map(distinctKey));
  if (typeof value !== 'object' || value instanceof Date) return JSON.stringify([typeof value, textOf(value)]);
  const names = memberNames(value);
  if (names.length === 0) return JSON.stringify(['object', toText(value)]);
  return JSON.stringify(names.map((name) => [name, toText(readMember(value, name))]));
}

function textOf(value: unknown): string {
  return value instanceof Date ? value.toISOString() : toText(value);
}
