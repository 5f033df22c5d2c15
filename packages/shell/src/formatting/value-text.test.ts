import { expect, test } from 'vitest';
import { cellText, printable } from './value-text.ts';

test.each([
  ['controls', 'a\u001b[31m\u009b\u0000', 'a\ufffd[31m\ufffd\ufffd'],
  ['what turns the line', 'x\u202ecod.exe \u2066y\u2069\u200e\u061c', 'x\ufffdcod.exe \ufffdy\ufffd\ufffd\ufffd'],
  ['what hides', 'ad\u200bm\u00adi\u2060n\ufeff\ufffa\u180e', 'ad\ufffdm\ufffdi\ufffdn\ufffd\ufffd\ufffd'],
  ['joiners where nothing joins', 'ad\u200dm\u200cin \u200d', 'ad\ufffdm\ufffdin \ufffd'],
  ['tags that belong to no flag', 'x\u{e0061}\u{e007f}', 'x\ufffd\ufffd'],
])('shows %s as such', (_, text, shown) => {
  expect(printable(text)).toBe(shown);
  expect(cellText({ Detail: text })).toBe(`@{Detail=${shown}}`);
});

test.each([
  ['Persian', 'می\u200cخواهم'],
  ['Hindi', 'क्\u200dष'],
  ['numbers in Arabic', '\u0601\u0661\u0662'],
  ['composed pictures', '👩🏽\u200d💻 ❤️\u200d🔥 1️⃣ 🇩🇪'],
  ['the flag of Scotland', '🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}'],
])('leaves %s as it is', (_, text) => {
  expect(printable(text)).toBe(text);
});

test('takes time for the length of a text, whatever is in it', () => {
  for (const piece of ['\u200d', '👩\u200d', '🏴\u{e0067}', '\u{e0067}', '\u202e'])
    expect(printable(piece.repeat(100_000)).length).toBeGreaterThanOrEqual(100_000);
});
