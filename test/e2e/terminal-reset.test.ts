import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Viewer } from '../../packages/agent/src/testing/viewer.ts';
import { ModeTracker } from '../../packages/shell/src/terminal/mode-tracker.ts';
import { POP_TITLE, PUSH_TITLE, resetSequence } from '../../packages/shell/src/terminal/terminal-reset.ts';

const PIECES = [
  ...[1, 5, 6, 7, 9, 12, 25, 45, 47, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1049, 2004, 2026, 2027]
    .concat([2031, 2048])
    .flatMap((mode) => [`\x1b[?${mode}h`, `\x1b[?${mode}l`]),
  '\x1b[4h',
  '\x1b[20h',
  '\x1b=',
  '\x1b>',
  '\x1b[3 q',
  '\x1b[5 q',
  '\x1b(0',
  '\x1b)0',
  '\x1b*0',
  '\x1b+0',
  '\x0e',
  '\x0f',
  '\x1bn',
  '\x1b[2;4r',
  '\x1b[r',
  '\x1b[31;1m',
  '\x1b[1"q',
  '\x1b]8;id=1;http://x\x07',
  '\x1b]8;;\x1b\\',
  '\x1b[3g',
  '\x1bH',
  '\x1b[5G',
  '\x1b[>1u',
  '\x1b[>5u',
  '\x1b[<u',
  '\x1b[=3u',
  '\x1b[=0;1u',
  '\x1b[<32u',
  '\x1b[>4;2m',
  '\x1b[>4m',
  '\x1b[!p',
  '\x1bc',
  '\x1b]2;other\x07',
  '\x1b]0;third\x1b\\',
  '\x1b[22;2t',

  '\x1b[22t\x1b]2;x\x07\x1b[23;0t',
  '\x1b]4;1;red;2;#123\x07',
  '\x1b]10;red;blue\x07',
  '\x1b]11;#123\x1b\\',
  '\x1b]12;red\x07',
  '\x1b]104;1\x07',
  '\x1b]111\x07',
  '\x1b]10;?\x07',
  '\x1b]112\x07',
  'text',
  '\r\n',
  '語',
  'x'.repeat(30),
  '\x1b[3',
  '\x1b]2;ti',
  '\x1bP$q',
  '\x1b7',
  '\x1b8',
  '\x1b[5;5H',
];

test('whatever a program set, and wherever it was cut off, the terminal is plain again', async () => {
  const programs = fc.array(fc.constantFrom(...PIECES), { maxLength: 40 });
  const property = fc.asyncProperty(programs, fc.array(fc.nat(), { maxLength: 5 }), async (pieces, places) => {
    const output = Buffer.from(pieces.join(''));
    const modes = new ModeTracker();
    const cuts = [0, ...places.map((place) => place % (output.length + 1)).toSorted((a, b) => a - b), output.length];
    for (const [at, end] of cuts.slice(1).entries()) modes.feed(output.subarray(cuts[at], end));
    const viewer = new Viewer(20, 6, 10);
    await viewer.show(`\x1b]2;own\x07${PUSH_TITLE}`);
    await viewer.show(output);
    const { titled } = modes.traces;
    await viewer.show(resetSequence(modes, 20) + (titled ? POP_TITLE + PUSH_TITLE : ''));
    const plain = new Viewer(20, 6, 10);
    await plain.show(`\x1b]2;own\x07${PUSH_TITLE}`);
    expect(viewer.modes).toEqual(plain.modes);
  });
  await fc.assert(property, { numRuns: 500 });
}, 600_000);
