import { withoutOrigin } from './remote-text.ts';

/** `@{ }`: values by key, in the order they came; text keys in any case (about_Hash_Tables, as `[ordered]`). */
export class Hashtable {
  readonly #entries = new Map<unknown, { key: unknown; value: unknown }>();

  constructor(entries: Iterable<readonly [unknown, unknown]> = []) {
    for (const [key, value] of entries) this.set(key, value);
  }

  get Count(): number {
    return this.#entries.size;
  }

  get Keys(): unknown[] {
    return [...this.#entries.values()].map(({ key }) => key);
  }

  get Values(): unknown[] {
    return [...this.#entries.values()].map(({ value }) => value);
  }

  has(key: unknown): boolean {
    return this.#entries.has(folded(key));
  }

  get(key: unknown): unknown {
    return this.#entries.get(folded(key))?.value;
  }

  set(key: unknown, value: unknown): void {
    const known = this.#entries.get(folded(key));
    this.#entries.set(folded(key), { key: known?.key ?? key, value });
  }

  delete(key: unknown): void {
    this.#entries.delete(folded(key));
  }

  clear(): void {
    this.#entries.clear();
  }

  *entries(): Generator<[unknown, unknown]> {
    for (const { key, value } of this.#entries.values()) yield [key, value];
  }
}

/** One of `.GetEnumerator()`. */
export class HashtableEntry {
  readonly Name: unknown;
  readonly Value: unknown;

  constructor(key: unknown, value: unknown) {
    this.Name = key;
    this.Value = value;
  }

  get Key(): unknown {
    return this.Name;
  }
}

function folded(given: unknown): unknown {
  const key = withoutOrigin(given);
  return typeof key === 'string' ? key.toLowerCase() : key;
}
