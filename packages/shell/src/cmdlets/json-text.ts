import { Char } from '../runtime/char.ts';
import { CustomObject } from '../runtime/custom-object.ts';
import { Hashtable } from '../runtime/hashtable.ts';
import { memberNames, readMember } from '../runtime/members.ts';
import { ScriptBlock } from '../runtime/script-block.ts';
import { TypeLiteral } from '../runtime/type-literal.ts';
import { toText } from '../runtime/value-conversion.ts';

export type JsonOptions = {
  /** So many levels below the first; what is deeper is shown as text. */
  readonly depth: number;
  readonly compress: boolean;
  /** Told once when something was too deep. */
  readonly onTruncated: () => void;
};

/** A value as JSON: objects by their properties, dates in ISO 8601. */
export function toJson(value: unknown, { depth, compress, onTruncated }: JsonOptions): string {
  let isTruncated = false;
  const write = (one: unknown, level: number): string => {
    const parts = partsOf(one);
    if (parts === undefined) return scalar(one);
    if (level > depth) {
      if (!isTruncated) onTruncated();
      isTruncated = true;
      return JSON.stringify(toText(one));
    }
    const texts = parts.entries.map(([key, part]) => {
      const text = write(part, level + 1);
      return key === undefined ? text : `${JSON.stringify(key)}:${compress ? '' : ' '}${text}`;
    });
    return enclose(texts, parts.isList ? '[]' : '{}', compress ? undefined : level);
  };
  return write(value, 0);
}

/** What JSON.parse() gave, as values of the language: objects as CustomObject or Hashtable, times as dates. */
export function fromJson(value: unknown, asHashtable: boolean): unknown {
  if (Array.isArray(value)) return value.map((one) => fromJson(one, asHashtable));
  if (typeof value === 'string') return ISO_TIME.test(value) ? dateOr(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, one]): [string, unknown] => [name, fromJson(one, asHashtable)]);
  return asHashtable ? new Hashtable(entries) : new CustomObject(entries);
}

const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/u;

function dateOr(text: string): Date | string {
  const date = new Date(text);
  return Number.isNaN(date.getTime()) ? text : date;
}

type Parts = {
  readonly isList: boolean;
  readonly entries: readonly (readonly [key: string | undefined, part: unknown])[];
};

/** The parts of a list or an object; undefined for what is one value. */
function partsOf(value: unknown): Parts | undefined {
  if (typeof value !== 'object' || value === null || value instanceof Date) return undefined;
  if (Array.isArray(value)) return { isList: true, entries: value.map((one) => [undefined, one]) };
  if (value instanceof Hashtable) {
    return { isList: false, entries: [...value.entries()].map(([key, one]) => [toText(key), one]) };
  }
  if (value instanceof ScriptBlock || value instanceof TypeLiteral || value instanceof Error || value instanceof Char)
    return undefined;
  return { isList: false, entries: memberNames(value).map((name) => [name, readMember(value, name)]) };
}

function scalar(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return String(value);
  return JSON.stringify(value instanceof Date ? value.toISOString() : toText(value));
}

/** @param level of the brackets; undefined for a single line */
function enclose(texts: readonly string[], [open = '', close = '']: string, level: number | undefined): string {
  if (level === undefined || texts.length === 0) return `${open}${texts.join(',')}${close}`;
  const indent = '  '.repeat(level);
  return `${open}\n${texts.map((text) => `${indent}  ${text}`).join(',\n')}\n${indent}${close}`;
}
