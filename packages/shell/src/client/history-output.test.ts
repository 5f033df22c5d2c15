import { expect, test } from 'vitest';
import { HistoryOutput } from './history-output.ts';

/** What a terminal is shown of an output that comes in pieces of `size`, cut where it must be. */
function shown(history: HistoryOutput, text: string, size: number): string {
  const output = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < output.length;) {
    const end = Math.min(output.length, at + size, history.borderAfter(at));
    pieces.push(history.shown(output.subarray(at, end), end));
    at = end;
  }
  return Buffer.concat(pieces).toString();
}

test('HistoryOutput leaves out of the past all that acts, of a gap the questions that were answered, else nothing', () => {
  const past = 'past\x07\x1b[c\x1b]52;c;eA==\x07.';
  const before = 'live\x07\x1b[c';
  const gap = 'gap\x07\x1b[c\x1b]52;c;eA==\x07\x1b]52;c;?\x07\x1b]11;?\x07\x1b[6n.';
  const after = 'after\x07\x1b[c';
  for (const size of [1, 3, 7, 1000]) {
    const history = new HistoryOutput(past.length);
    const from = past.length + before.length;
    // The first one lies in the past altogether, the second in part.
    history.answered([
      { from: 0, to: 3 },
      { from: 2, to: past.length },
      { from, to: from + gap.length },
    ]);
    const expected = `past.${before}gap\x07\x1b]52;c;eA==\x07.${after}`;
    expect(shown(history, past + before + gap + after, size), `pieces of ${size}`).toBe(expected);
  }
});
