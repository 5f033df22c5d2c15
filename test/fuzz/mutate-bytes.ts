import type { Randomness } from './randomness.ts';

const BYTES = [0, 1, 9, 10, 13, 32, 34, 35, 44, 61, 64, 92, 127, 128, 254, 255];
const NUMBERS = [
  0,
  1,
  2,
  4,
  5,
  13,
  21,
  127,
  128,
  255,
  256,
  32_767,
  32_768,
  32_789,
  32_790,
  65_535,
  2 ** 31,
  2 ** 32 - 1,
];
const LONGEST_REPEAT = 200;

/** What a mutation may take from. */
export type Material = { random: Randomness; dictionary: readonly string[]; other: () => Buffer };

type Mutation = (bytes: Buffer, material: Material) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  (bytes, { random }) => changed(bytes, random, (byte) => byte ^ (1 << random.below(8))),
  (bytes, { random }) => changed(bytes, random, () => random.below(256)),
  (bytes, { random }) => changed(bytes, random, () => random.pick(BYTES)),
  (bytes, { random }) => {
    const width = random.pick([2, 4]);
    if (bytes.length < width) return bytes;
    const copy = Buffer.from(bytes);
    const number = random.pick(NUMBERS);
    copy.writeUIntBE(width === 2 ? number % 0x1_0000 : number, random.below(bytes.length - width + 1), width);
    return copy;
  },
  (bytes, { random }) => {
    const [from, to] = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
  },
  (bytes, { random }) => {
    const [from, to] = range(bytes, random);
    return inserted(bytes, random, bytes.subarray(from, to));
  },
  (bytes, { random }) => {
    const at = random.below(bytes.length + 1);
    const times = 1 + random.below(LONGEST_REPEAT);
    const piece = bytes.subarray(at, at + 1 + random.below(4));
    return Buffer.concat([bytes.subarray(0, at), ...Array.from({ length: times }, () => piece), bytes.subarray(at)]);
  },
  (bytes, { random }) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes, { random }) => inserted(bytes, random, Buffer.of(random.pick(BYTES))),
  (bytes, { random, other }) => {
    const donor = other();
    const [from, to] = range(donor, random);
    return inserted(bytes, random, donor.subarray(from, to));
  },
  (bytes, { random, other }) => {
    const donor = other();
    return Buffer.concat([
      bytes.subarray(0, random.below(bytes.length + 1)),
      donor.subarray(random.below(donor.length + 1)),
    ]);
  },
  (bytes, { random, dictionary }) => inserted(bytes, random, Buffer.from(random.pick(dictionary))),
  (bytes, { random, dictionary }) => {
    const word = Buffer.from(random.pick(dictionary));
    const [from, to] = range(bytes, random);
    return Buffer.concat([bytes.subarray(0, from), word, bytes.subarray(to)]);
  },
];

/** One to four changes of `bytes`, which is itself not changed. */
export function mutateBytes(bytes: Buffer, material: Material): Buffer {
  let result = bytes;
  do result = material.random.pick(MUTATIONS)(result, material);
  while (!material.random.oneIn(2));
  return result;
}

function changed(bytes: Buffer, random: Randomness, change: (byte: number) => number): Buffer {
  if (bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  const at = random.below(copy.length);
  copy[at] = change(copy[at] ?? 0);
  return copy;
}

function inserted(bytes: Buffer, random: Randomness, piece: Uint8Array): Buffer {
  const at = random.below(bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
}

/** A stretch of at most 64 bytes. */
function range(bytes: Buffer, random: Randomness): [number, number] {
  const from = random.below(bytes.length + 1);
  return [from, Math.min(bytes.length, from + 1 + random.below(64))];
}
