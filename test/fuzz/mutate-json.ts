import type { Material } from './mutate-bytes.ts';
import type { Randomness } from './randomness.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
/** Where a value stands, so that it can be replaced. */
type Place = { holder: Json[] | { [key: string]: Json }; key: string | number };

const KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', 'then', 'length', ''];
const DEEPEST = 600;

const VALUES: readonly ((random: Randomness) => Json)[] = [
  () => null,
  (random) => random.oneIn(2),
  (random) => random.pick([-1, 0, 1, 0.5, 255, 10_001, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 1e308, -1e308]),
  (random) => random.pick(['', 'x', '\u0000', '\ud800', '\u202e', '\u001b[2J', '../../x', '=', 'AA==', '👩‍💻']),
  (random) => random.pick(['error', 'message', 'x', '日本']).repeat(random.below(400)),
  (random) => random.pick(KEYS),
  () => [],
  () => ({}),
  (random) => object('__proto__', random.oneIn(2) ? { polluted: true } : 1),
  (random) => object(random.pick(KEYS), random.pick([1, 'x', null])),
  (random) => nested(1 + random.below(DEEPEST)),
];

/** A JSON text with one to three of its values, keys or items changed; undefined when `text` is no JSON object. */
export function mutateJson(text: string, material: Material): Buffer | undefined {
  const root = parsed(text);
  if (root === undefined) return undefined;
  do change(root, material);
  while (material.random.oneIn(3));
  return Buffer.from(JSON.stringify(root));
}

function change(root: { [key: string]: Json }, { random, dictionary, other }: Material): void {
  const places = placesOf(root);
  if (places.length === 0) {
    set(root, random.pick(dictionary), random.pick(VALUES)(random));
    return;
  }
  const { holder, key } = random.pick(places);
  const value = Reflect.get(holder, key) as Json;
  switch (random.below(7)) {
    case 0:
    case 1:
      return set(holder, key, random.pick(VALUES)(random));
    case 2:
      return void Reflect.deleteProperty(holder, key);
    case 3:
      return set(holder, random.oneIn(2) ? random.pick(KEYS) : random.pick(dictionary), value);
    case 4: {
      const donor = parsed(other().toString());
      const [from] = donor === undefined ? [] : [random.pick([...placesOf(donor), { holder: donor, key: 'type' }])];
      return set(holder, key, from === undefined ? value : (Reflect.get(from.holder, from.key) as Json));
    }
    case 5:
      return set(holder, key, random.oneIn(2) ? [value] : object(String(key), value));
    default:
      return set(holder, key, random.pick(dictionary));
  }
}

/** Every place in the tree, down to a depth and a number that keep a change cheap. */
function placesOf(root: Json[] | { [key: string]: Json }): Place[] {
  const places: Place[] = [];
  const holders = [root];
  for (let holder = holders.pop(); holder !== undefined && places.length < 200; holder = holders.pop()) {
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      const value = Reflect.get(holder, key) as Json;
      if (typeof value === 'object' && value !== null) holders.push(value);
    }
  }
  return places;
}

function parsed(text: string): { [key: string]: Json } | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    // A mutation of its bytes made it something else than JSON.
    return undefined;
  }
}

/** As JSON.parse has it: a key `__proto__` is a key like others. */
function set(holder: Json[] | { [key: string]: Json }, key: string | number, value: Json | undefined): void {
  if (Array.isArray(holder) && !Object.hasOwn(holder, key)) return void holder.push(value ?? null);
  if (Array.isArray(holder) && key === 'length') return;
  Reflect.defineProperty(holder, key, { value, enumerable: true, writable: true, configurable: true });
}

function object(key: string, value: Json): { [key: string]: Json } {
  const made = {};
  set(made, key, value);
  return made;
}

function nested(depth: number): Json {
  let value: Json = 'deep';
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { nested: value };
  return value;
}
