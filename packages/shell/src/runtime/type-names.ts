import { randomUUID } from 'node:crypto';
import { Char } from './char.ts';
import { CustomObject, addProperty } from './custom-object.ts';
import { toDate } from './date-conversion.ts';
import { ErrorRecord } from './error-record.ts';
import { Hashtable } from './hashtable.ts';
import { typeNameOf } from './methods.ts';
import { escapedPattern } from './regex-text.ts';
import { ScriptBlock } from './script-block.ts';
import { TIME_SPANS, TimeSpan, toTimeSpan } from './time-span.ts';
import { fullTypeName, TYPE_NAMES, TypeLiteral } from './type-literal.ts';
import { CastError, toBoolean, toInteger, toList, toNumber, toText } from './value-conversion.ts';

type KnownType = {
  readonly is: (value: unknown) => boolean;
  readonly cast: (value: unknown) => unknown;
  readonly statics?: Readonly<Record<string, (...values: unknown[]) => unknown>>;
  readonly constants?: Readonly<Record<string, () => unknown>>;
};

const INT = wholeNumber('System.Int32', -2_147_483_648, 2_147_483_647);
const LONG = wholeNumber('System.Int64', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

function wholeNumber(name: string, min: number, max: number): KnownType {
  const short = name.replace('System.', '');
  const cast = (value: unknown): number => {
    const number = value instanceof Char ? value.code : toInteger(value, name);
    if (number >= min && number <= max) return number;
    throw new CastError(value, name, `Value was either too large or too small for an ${short}.`);
  };
  return {
    is: (value) => typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max,
    cast,
    statics: {
      Parse: (value) => {
        if (/^\s*[+-]?\d+\s*$/u.test(toText(value))) return cast(toText(value));
        throw new CastError(value, name, `The input string '${toText(value)}' was not in a correct format.`);
      },
    },
    constants: { MaxValue: () => max, MinValue: () => min },
  };
}

const STRING: KnownType = {
  is: (value) => typeof value === 'string',
  cast: toText,
  statics: {
    Join: (separator, ...values) => values.flat().map(toText).join(toText(separator)),
    IsNullOrEmpty: (value) => toText(value) === '',
    IsNullOrWhiteSpace: (value) => toText(value).trim() === '',
  },
  constants: { Empty: () => '' },
};

const CHAR: KnownType = {
  is: (value) => value instanceof Char,
  cast: toChar,
};

const DATE: KnownType = {
  is: (value) => value instanceof Date,
  cast: toDate,
  statics: { Parse: toDate },
  constants: { Now: () => new Date(), Today: () => new Date(new Date().setHours(0, 0, 0, 0)) },
};

const TIME_SPAN: KnownType = {
  is: (value) => value instanceof TimeSpan,
  cast: toTimeSpan,
  statics: TIME_SPANS,
  constants: { Zero: () => new TimeSpan(0) },
};

const REGEX: KnownType = {
  is: () => false,
  cast: toText,
  statics: { Escape: (text) => escapedPattern(toText(text)) },
};

const MATH: KnownType = {
  is: () => false,
  cast: (value) => value,
  statics: {
    Abs: (value) => Math.abs(toNumber(value)),
    Ceiling: (value) => Math.ceil(toNumber(value)),
    Floor: (value) => Math.floor(toNumber(value)),
    Max: (a, b) => Math.max(toNumber(a), toNumber(b)),
    Min: (a, b) => Math.min(toNumber(a), toNumber(b)),
    Pow: (a, b) => toNumber(a) ** toNumber(b),
    Round: (value, digits = 0) => toInteger(toNumber(value) * 10 ** toInteger(digits)) / 10 ** toInteger(digits),
    Sqrt: (value) => Math.sqrt(toNumber(value)),
    Truncate: (value) => Math.trunc(toNumber(value)),
  },
  constants: { PI: () => Math.PI, E: () => Math.E },
};

const DOUBLE: KnownType = {
  is: (value) => typeof value === 'number',
  cast: (value) => toNumber(value),
  statics: { Parse: (text) => toNumber(toText(text)) },
};
const BOOL: KnownType = { is: (value) => typeof value === 'boolean', cast: toBoolean };
const OBJECT: KnownType = { is: () => true, cast: (value) => value };

const TYPES: Readonly<Record<string, KnownType>> = {
  'System.Int32': INT,
  'System.Int64': LONG,
  'System.String': STRING,
  'System.Char': CHAR,
  'System.DateTime': DATE,
  'System.TimeSpan': TIME_SPAN,
  'System.Math': MATH,
  'System.Double': DOUBLE,
  'System.Single': DOUBLE,
  'System.Decimal': DOUBLE,
  'System.Boolean': BOOL,
  'System.Array': { is: Array.isArray, cast: toList },
  'System.Object': OBJECT,
  'System.Void': { is: () => false, cast: () => undefined },
  'System.Guid': {
    is: (value) => typeof value === 'string' && /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu.test(value),
    cast: toText,
    statics: { NewGuid: () => randomUUID() },
  },
  'System.Text.RegularExpressions.Regex': REGEX,
  'System.Type': {
    is: (value) => value instanceof TypeLiteral,
    cast: (value) => (value instanceof TypeLiteral ? value : new TypeLiteral(toText(value))),
  },
  'System.Collections.Hashtable': { is: (value) => value instanceof Hashtable, cast: toHashtable },
  'System.Collections.Specialized.OrderedDictionary': { is: () => false, cast: toHashtable },
  'System.Management.Automation.SwitchParameter': BOOL,
  'System.Management.Automation.PSObject': OBJECT,
  'System.Management.Automation.PSCustomObject': { is: (value) => value instanceof CustomObject, cast: toCustomObject },
  'System.Management.Automation.ScriptBlock': {
    is: (value) => value instanceof ScriptBlock,
    cast: (value) => (value instanceof ScriptBlock ? value : new ScriptBlock(toText(value))),
  },
  'System.Management.Automation.ErrorRecord': made('System.Management.Automation.ErrorRecord'),
  'System.Management.Automation.Runspaces.PSSession': made('System.Management.Automation.Runspaces.PSSession'),
};

/** What only commands make. */
function made(name: string): KnownType {
  return {
    is: (value) => typeNameOf(value) === name,
    cast: (value) => {
      if (value === null || value === undefined || typeNameOf(value) === name) return value;
      throw new CastError(value, name);
    },
  };
}

/** Casts a value: `[int]'5'`, `[string[]]$x`. @throws ErrorRecord TypeNotFound, CastError */
export function castTo(type: string, value: unknown): unknown {
  if (type.endsWith('[]')) return elementsFor(type, value).map((one) => castTo(type.slice(0, -2), one));
  return typeOf(type).cast(value);
}

/** `value -is [type]`. @throws ErrorRecord TypeNotFound */
export function isOfType(type: string, value: unknown): boolean {
  if (type.endsWith('[]')) return Array.isArray(value);
  return typeOf(type).is(value);
}

/** `[Type]::Name`. @throws ErrorRecord TypeNotFound, MemberNotFound */
export function readStatic(type: string, name: string): unknown {
  return member(typeOf(type).constants, type, name)();
}

/** `[Type]::Name(values)`. @throws ErrorRecord TypeNotFound, MemberNotFound */
export function callStatic(type: string, name: string, values: readonly unknown[]): unknown {
  return member(typeOf(type).statics, type, name)(...values) ?? null;
}

function member<T>(members: Readonly<Record<string, T>> | undefined, type: string, name: string): T {
  const key = Object.keys(members ?? {}).find((one) => one.toLowerCase() === name.toLowerCase());
  const found = key === undefined ? undefined : members?.[key];
  if (found !== undefined) return found;
  const names = Object.keys(members ?? {}).join(', ');
  const message = `[${type}] has no '${name}' here${names === '' ? '' : `; it has ${names}`}.`;
  throw new ErrorRecord('MemberNotFound', 'InvalidArgument', message, { target: name });
}

function typeOf(type: string): KnownType {
  const name = fullTypeName(type);
  const known = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  if (known !== undefined) return known;
  const message = `Unable to find type [${type}]. The types here are ${TYPE_NAMES.join(', ')}.`;
  throw new ErrorRecord('TypeNotFound', 'InvalidOperation', message, { target: type });
}

/** `[char[]]'text'` are its characters. */
function elementsFor(type: string, value: unknown): unknown[] {
  return typeof value === 'string' && fullTypeName(type) === 'System.Char[]' ? Array.from(value) : toList(value);
}

function toChar(value: unknown): Char {
  if (value instanceof Char) return value;
  if (typeof value === 'number' && value >= 0 && value <= 0xffff)
    return new Char(String.fromCharCode(toInteger(value)));
  const text = toText(value);
  if (typeof value !== 'number' && Array.from(text).length === 1) return new Char(text);
  throw new CastError(value, 'System.Char', 'String must be exactly one character long.');
}

function toHashtable(value: unknown): Hashtable {
  if (value instanceof Hashtable) return value;
  throw new CastError(value, 'System.Collections.Hashtable');
}

function toCustomObject(value: unknown): unknown {
  if (!(value instanceof Hashtable)) return value;
  const object = new CustomObject();
  for (const [key, one] of value.entries()) addProperty(object, toText(key), one);
  return object;
}
