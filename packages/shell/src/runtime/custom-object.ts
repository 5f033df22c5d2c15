/** An object with properties of its own choice: `[pscustomobject]@{ }`, Select-Object, ConvertFrom-Json. */
export class CustomObject {
  constructor(properties: Iterable<readonly [string, unknown]> = []) {
    for (const [name, value] of properties) addProperty(this, name, value);
  }
}

/** Adds a property, or changes it; a name such as `__proto__` is one like others. */
export function addProperty(object: object, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
