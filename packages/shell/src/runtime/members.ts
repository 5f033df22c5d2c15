import { addProperty, CustomObject } from './custom-object.ts';
import { Hashtable } from './hashtable.ts';

/** Properties that an array has itself; any other is asked of its elements. */
const ARRAY_PROPERTIES = new Set(['count', 'length']);

/**
 * The value of a property, in any case; undefined when there is none. Of a list it is that of each element that has it
 * (about_Member-Access_Enumeration). Of the objects of our own classes only what begins with a capital is shown.
 */
export function readMember(value: unknown, name: string): unknown {
  const wanted = name.toLowerCase();
  if (value === null || value === undefined) return ARRAY_PROPERTIES.has(wanted) ? 0 : undefined;
  if (Array.isArray(value)) return ARRAY_PROPERTIES.has(wanted) ? value.length : enumerate(value, name);
  if (typeof value === 'string' && wanted === 'length') return value.length;
  const found = typeof value === 'object' ? objectMember(value, name, wanted) : undefined;
  return found === undefined && ARRAY_PROPERTIES.has(wanted) ? 1 : found;
}

function objectMember(value: object, name: string, wanted: string): unknown {
  if (value instanceof Date) return dateMember(value, wanted);
  if (value instanceof Hashtable) return hashtableMember(value, name, wanted);
  const key = memberNames(value).find((one) => one.toLowerCase() === wanted);
  return key === undefined ? undefined : Reflect.get(value, key);
}

/** Whether readMember() finds something. */
export function hasMember(value: unknown, name: string): boolean {
  if (value instanceof Hashtable) return value.has(name);
  if (typeof value !== 'object' || value === null) return readMember(value, name) !== undefined;
  return memberNames(value).some((one) => one.toLowerCase() === name.toLowerCase());
}

/** Names of an object's properties, in the order of declaration. */
export function memberNames(value: object): string[] {
  if (value instanceof Hashtable) return value.Keys.map(String);
  if (value instanceof Date) return Object.keys(DATE_MEMBERS);
  if (value instanceof CustomObject || isPlain(value)) return Object.keys(value);
  const names = new Set<string>();
  for (let at: object | null = value; at !== null && at !== Object.prototype; at = Reflect.getPrototypeOf(at)) {
    for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (/^[A-Z]/u.test(name) && (at === value || descriptor.get !== undefined)) names.add(name);
    }
  }
  return [...names];
}

/** Changes a property. @throws TypeError for one that is not there or cannot be changed */
export function writeMember(value: unknown, name: string, to: unknown): void {
  if (value instanceof Hashtable) {
    value.set(name, to);
    return;
  }
  const key =
    typeof value === 'object' && value !== null
      ? memberNames(value).find((one) => one.toLowerCase() === name.toLowerCase())
      : undefined;
  if (key === undefined || typeof value !== 'object' || value === null) {
    throw new TypeError(
      `The property '${name}' cannot be found on this object. Verify that the property exists and can be set.`,
    );
  }
  if (value instanceof CustomObject || isPlain(value)) addProperty(value, key, to);
  else if (!setThroughSetter(value, key, to)) throw new TypeError(`'${key}' is a ReadOnly property.`);
}

function setThroughSetter(value: object, key: string, to: unknown): boolean {
  for (let at: object | null = value; at !== null; at = Reflect.getPrototypeOf(at)) {
    const set = Reflect.getOwnPropertyDescriptor(at, key)?.set;
    if (set === undefined) continue;
    Reflect.apply(set, value, [to]);
    return true;
  }
  return false;
}

function isPlain(value: object): boolean {
  const prototype = Reflect.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function enumerate(values: readonly unknown[], name: string): unknown {
  const found = values.flatMap((value) => {
    const member = readMember(value, name);
    return member === undefined ? [] : member;
  });
  return found.length > 1 ? found : found[0];
}

function hashtableMember(table: Hashtable, name: string, wanted: string): unknown {
  if (table.has(name)) return table.get(name);
  if (wanted === 'count') return table.Count;
  if (wanted === 'keys') return table.Keys;
  return wanted === 'values' ? table.Values : undefined;
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

const DATE_MEMBERS: Record<string, (date: Date) => unknown> = {
  Year: (date) => date.getFullYear(),
  Month: (date) => date.getMonth() + 1,
  Day: (date) => date.getDate(),
  Hour: (date) => date.getHours(),
  Minute: (date) => date.getMinutes(),
  Second: (date) => date.getSeconds(),
  Millisecond: (date) => date.getMilliseconds(),
  DayOfWeek: (date) => WEEKDAYS[date.getDay()],
  Date: (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()),
};

function dateMember(date: Date, wanted: string): unknown {
  const name = Object.keys(DATE_MEMBERS).find((one) => one.toLowerCase() === wanted);
  return name === undefined ? undefined : DATE_MEMBERS[name]?.(date);
}
