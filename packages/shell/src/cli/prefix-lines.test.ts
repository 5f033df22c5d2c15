import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LinePrefixer } from './prefix-lines.ts';

async function prefixed(pieces: readonly string[]): Promise<string> {
  let text = '';
  const prefixer = new LinePrefixer('srv1: ', (bytes) => {
    text += bytes.toString();
  });
  for (const piece of pieces) await prefixer.add(Buffer.from(piece));
  await prefixer.end();
  return text;
}

test.each([
  [['a\nb\n'], 'srv1: a\nsrv1: b\n'],
  [['a', 'b', '\n', 'c'], 'srv1: ab\nsrv1: c\n'],
  [['\n\n'], 'srv1: \nsrv1: \n'],
  [[''], ''],
])('LinePrefixer of %j', async (pieces, text) => expect(await prefixed(pieces)).toBe(text));

test('LinePrefixer gives the same for any cuts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('a', '\n', 'bc', '\n\n', '')), async (pieces) => {
      expect(await prefixed(pieces)).toBe(await prefixed([pieces.join('')]));
    }),
  );
});
