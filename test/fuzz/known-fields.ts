/** The parts of a Valibot schema that say which fields there are. */
type Shape = { type?: unknown; entries?: unknown; item?: unknown; wrapped?: unknown; value?: unknown };

const FORBIDDEN = ['__proto__', 'constructor', 'prototype'];

/**
 * Nothing in `value` but what `schema` names, and no key that could reach a prototype.
 * @throws Error that names the field
 */
export function assertOnlyKnown(schema: unknown, value: unknown, where = 'message'): void {
  const { type, entries, item, wrapped, value: each } = Object(schema) as Shape;
  if (wrapped !== undefined) return value === undefined ? undefined : assertOnlyKnown(wrapped, value, where);
  if (type === 'array') return assertItems(item, value, where);
  if (type === 'object' || type === 'record') assertFields(type === 'record' ? { each } : { entries }, value, where);
}

function assertFields({ entries, each }: { entries?: unknown; each?: unknown }, value: unknown, where: string): void {
  for (const [key, field] of Object.entries(Object(value))) {
    const isNamed = entries === undefined || Object.hasOwn(Object(entries), key);
    if (!isNamed || FORBIDDEN.includes(key)) throw new Error(`${where} has got a field ${JSON.stringify(key)}`);
    assertOnlyKnown(entries === undefined ? each : Reflect.get(Object(entries), key), field, `${where}.${key}`);
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) throw new Error(`${where} has got another prototype`);
}

function assertItems(item: unknown, value: unknown, where: string): void {
  if (!Array.isArray(value)) throw new Error(`${where} is no list`);
  value.forEach((one, index) => assertOnlyKnown(item, one, `${where}.${index}`));
}
