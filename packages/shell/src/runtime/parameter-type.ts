import { NumberArgument, plainValue } from './number-argument.ts';
import { toNumber, toText } from './value-conversion.ts';

/** A value that does not fit; the message is what follows "Cannot bind parameter 'X'. ". */
export class ConversionError extends TypeError {
  constructor(value: unknown, typeName: string, reason: string) {
    super(`Cannot convert value "${textOf(value)}" to type "${typeName}". Error: "${reason}"`);
    this.name = 'ConversionError';
  }
}

/** How a parameter takes a value. */
export type ParameterType<T> = {
  /** As help shows it: `String`, `Int32[]`. */
  readonly name: string;
  readonly isSwitch: boolean;
  /** Values to choose from, for help and completion. */
  readonly values: readonly string[];
  /** Takes `''` and `$null`, which other parameters refuse. */
  readonly takesEmpty?: boolean | undefined;
  /** True for a value that needs no conversion; positions prefer such parameters. */
  accepts(value: unknown): boolean;
  /** @throws ConversionError */
  convert(value: unknown): T;
};

function scalarType<T>(
  name: string,
  accepts: (value: unknown) => boolean,
  convert: (value: unknown) => T,
): ParameterType<T> {
  const convertOne = (value: unknown): T => {
    if (Array.isArray(value)) throw new ConversionError(value, name, 'One value is expected, not several');
    return convert(value);
  };
  return { name, isSwitch: false, values: [], accepts, convert: convertOne };
}

export const string: ParameterType<string> = scalarType('String', (value) => typeof value === 'string', textOf);

/** A 32-bit integer; a product as text (`60*60*15`) is worked out, as the seeds' examples type it. */
export const int32: ParameterType<number> = scalarType('Int32', isNumberArgument, (value) => {
  const number = isNumberArgument(value) ? numberOf(value) : productOf(textOf(value));
  if (Number.isNaN(number))
    throw new ConversionError(value, 'System.Int32', 'Input string was not in a correct format.');
  const rounded = Math.round(number);
  if (rounded !== (rounded | 0)) {
    throw new ConversionError(value, 'System.Int32', 'Value was either too large or too small for an Int32.');
  }
  return rounded;
});

export const double: ParameterType<number> = scalarType('Double', isNumberArgument, (value) =>
  toNumber(plainValue(value)),
);

/** Any value, `$null` and lists among them, as it is. */
export const object: ParameterType<unknown> = {
  name: 'Object',
  isSwitch: false,
  values: [],
  takesEmpty: true,
  accepts: () => true,
  convert: plainValue,
};

const UUID = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/iu;

export const guid: ParameterType<string> = scalarType(
  'Guid',
  () => false,
  (value) => {
    const id = UUID.exec(textOf(value))?.[1];
    if (id === undefined) throw new ConversionError(value, 'System.Guid', 'Unrecognized Guid format.');
    return id.toLowerCase();
  },
);

/** Present or not; `-Name:$false` takes it back. */
export const switchParameter: ParameterType<boolean> = {
  name: 'SwitchParameter',
  isSwitch: true,
  values: [],
  accepts: (value) => typeof value === 'boolean',
  convert(value) {
    if (typeof value === 'boolean') return value;
    if (isNumberArgument(value)) return numberOf(value) !== 0;
    throw new ConversionError(value, this.name, 'Use $true or $false');
  },
};

/** One of some names, in any case; an unambiguous beginning or its number will do. */
export function oneOf<const T extends string>(typeName: string, ...values: readonly T[]): ParameterType<T> {
  const type = scalarType(
    typeName,
    () => false,
    (value) => {
      const chosen = isNumberArgument(value) ? values[numberOf(value)] : chooseByName(values, textOf(value));
      if (chosen !== undefined) return chosen;
      const reason = `Unable to match the identifier name ${textOf(value)} to a valid enumerator name. Specify one of the following enumerator names and try again: ${values.join(', ')}`;
      throw new ConversionError(value, typeName, reason);
    },
  );
  return { ...type, values };
}

/** An object of a class, as pipelines and variables bring it. */
export function instanceOf<T extends object>(constructor: abstract new (...args: never[]) => T): ParameterType<T> {
  const isInstance = (value: unknown): value is T => value instanceof constructor;
  return scalarType(constructor.name, isInstance, (value) => {
    if (isInstance(value)) return value;
    const text = textOf(value);
    const reason =
      constructor.name === 'ScriptBlock' && typeof value === 'string'
        ? `A script block stands in braces: { ${text} }`
        : `Invalid cast from 'System.String' to '${constructor.name}'.`;
    throw new ConversionError(text, constructor.name, reason);
  });
}

/** Several values; a single one becomes a list of one. */
export function arrayOf<T>(item: ParameterType<T>): ParameterType<T[]> {
  return {
    name: `${item.name}[]`,
    isSwitch: false,
    values: item.values,
    takesEmpty: item.takesEmpty,
    accepts: (value) => (Array.isArray(value) ? value.every((one) => item.accepts(one)) : item.accepts(value)),
    convert: (value) => (Array.isArray(value) ? value.map((one) => item.convert(one)) : [item.convert(value)]),
  };
}

function chooseByName<T extends string>(values: readonly T[], text: string): T | undefined {
  const wanted = text.toLowerCase();
  const exact = values.find((value) => value.toLowerCase() === wanted);
  if (exact !== undefined || wanted === '') return exact;
  const beginning = values.filter((value) => value.toLowerCase().startsWith(wanted));
  return beginning.length === 1 ? beginning[0] : undefined;
}

function isNumberArgument(value: unknown): value is NumberArgument | number {
  return typeof value === 'number' || value instanceof NumberArgument;
}

function numberOf(value: NumberArgument | number): number {
  return typeof value === 'number' ? value : value.value;
}

/** Text of a value as a string parameter gets it. */
export function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(' ');
  return value instanceof NumberArgument ? value.text : toText(value);
}

function productOf(text: string): number {
  if (!/^[+-]?\d+(?:\s*\*\s*\d+)*$/u.test(text.trim())) return Number.NaN;
  return text.split('*').reduce((product, factor) => product * Number(factor), 1);
}
