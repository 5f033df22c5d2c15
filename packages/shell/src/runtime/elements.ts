import { Char } from './char.ts';
import { ErrorRecord } from './error-record.ts';
import { Hashtable } from './hashtable.ts';
import { typeNameOf } from './methods.ts';
import { toInteger } from './value-conversion.ts';

/** `value[at]`: of a list or a text from its end below 0; of a single value itself; undefined where there is none. */
export function readElement(value: unknown, at: unknown): unknown {
  if (value instanceof Hashtable) return value.get(at);
  if (Array.isArray(value)) return value.at(toInteger(at));
  if (typeof value === 'string') {
    const character = Array.from(value).at(toInteger(at));
    return character === undefined ? undefined : new Char(character);
  }
  return toInteger(at) === 0 || toInteger(at) === -1 ? value : undefined;
}

/** `object[at] = value`. @throws ErrorRecord CannotIndex, IndexOutOfRange */
export function setElement(object: unknown, at: unknown, value: unknown): void {
  if (object instanceof Hashtable) {
    object.set(at, value);
    return;
  }
  if (!Array.isArray(object)) {
    throw new ErrorRecord(
      'CannotIndex',
      'InvalidOperation',
      `Unable to index into an object of type ${typeNameOf(object)}.`,
    );
  }
  const index = toInteger(at) < 0 ? object.length + toInteger(at) : toInteger(at);
  if (index < 0 || index >= object.length) {
    throw new ErrorRecord('IndexOutOfRange', 'InvalidOperation', 'Index was outside the bounds of the array.');
  }
  object[index] = value;
}
