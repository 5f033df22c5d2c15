import { toDate } from './date-conversion.ts';
import { Hashtable } from './hashtable.ts';
import { plainValue } from './number-argument.ts';
import { ConversionError, type ParameterType } from './parameter-type.ts';
import { toBoolean } from './value-conversion.ts';

const scalar = { isSwitch: false, values: [] } as const;

/** `$true` or `$false`, and what counts as such. */
export const boolean: ParameterType<unknown> = {
  ...scalar,
  name: 'Boolean',
  accepts: (value) => typeof value === 'boolean',
  convert: (value) => toBoolean(plainValue(value)),
};

/** A point in time: one that is one, or text that names one. */
export const dateTime: ParameterType<Date> = {
  ...scalar,
  name: 'DateTime',
  accepts: (value) => value instanceof Date,
  convert: (value) => toDate(plainValue(value)),
};

/** `@{ }` */
export const hashtable: ParameterType<Hashtable> = {
  ...scalar,
  name: 'Hashtable',
  accepts: (value) => value instanceof Hashtable,
  convert(value) {
    if (value instanceof Hashtable) return value;
    throw new ConversionError(value, 'System.Collections.Hashtable', 'Give @{ name = value }');
  },
};
