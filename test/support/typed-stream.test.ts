import { expect, test } from 'vitest';
import { TypedStream } from './typed-stream.ts';

/** What holders typed, piece by piece, and how much of each piece was not confirmed. */
function typed(...parts: [given: number, unsent: number][]): { stream: TypedStream; pieces: Buffer[] } {
  const stream = new TypedStream(1);
  const pieces = parts.map(([given, unsent], index) => {
    stream.begin();
    const piece = stream.next(given);
    if (index < parts.length - 1) stream.end(piece.subarray(given - unsent));
    return piece;
  });
  return { stream, pieces };
}

const taken = (pieces: Buffer[], ...lengths: number[]): Buffer =>
  Buffer.concat(pieces.map((piece, index) => piece.subarray(0, lengths[index] ?? piece.length)));

test('of what was not confirmed any part may have arrived, up to any byte', () => {
  const { stream, pieces } = typed([100, 60], [50, 40], [20, 20], [30, 0]);
  for (const lengths of [
    [40, 10, 0, 30],
    [100, 10, 0, 30],
    [71, 12, 1, 30],
    [100, 50, 20, 30],
  ]) {
    expect(stream.compare(taken(pieces, ...lengths))).toBeUndefined();
  }
});

test('what was confirmed is missed, a gap, a repetition and another byte are found', () => {
  const { stream, pieces } = typed([100, 60], [50, 40], [30, 0]);
  const whole = taken(pieces);
  expect(stream.compare(taken(pieces, 39))).toMatch(/^part 0 of 100 bytes: 39 of 40 /);
  expect(stream.compare(taken(pieces, 100, 9))).toMatch(/^part 1 of 50 bytes: 9 of 10 /);
  expect(stream.compare(taken(pieces, 100, 50, 29))).toMatch(/^part 2 of 30 bytes: 29 of 30 /);
  expect(stream.compare(Buffer.concat([whole.subarray(0, 60), whole.subarray(61)]))).toBeDefined();
  expect(stream.compare(Buffer.concat([whole.subarray(0, 60), whole.subarray(55)]))).toBeDefined();
  expect(stream.compare(Buffer.concat([whole, whole.subarray(-1)]))).toBe('1 bytes too many came in the end');
  whole[20] = (whole[20] ?? 0) ^ 1;
  expect(stream.compare(whole)).toBeDefined();
});

test('while the last holder types, what is on its way may come yet, and nothing else may be there', () => {
  const { stream, pieces } = typed([100, 60], [50, 0]);
  expect(stream.compare(taken(pieces, 70, 20), false)).toBeUndefined();
  expect(stream.compare(taken(pieces, 70, 20))).toBeDefined();
  expect(stream.compare(taken(pieces, 30, 0), false)).toBeDefined();
});
