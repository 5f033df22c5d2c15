import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Viewer } from '../testing/viewer.ts';
import { Screen } from './screen.ts';

const COLUMNS = 20;
const ROWS = 6;
const SCROLLBACK = 30;
/** `npm run soak` sets more (test/soak/screen.test.ts). */
const RUNS = Number(process.env['HOLDFAST_PROPERTY_RUNS'] ?? 300);

type Step = string | { columns: number; rows: number };

const DIRT: Record<string, string> = {
  'stale text': Array.from({ length: 12 }, (_, at) => `old line ${at}\r\n`).join('') + 'no end',
  'the alternate screen': 'main\x1b7\x1b[?1049h\x1b[31mdirty\x1b7\x1b[2;3r',
  'the alternate screen by 47, with keyboard flags': '\x1b[>1u\x1b[?47h\x1b[>5u\x1b[>7u',
  'keyboard flags left on the alternate screen': '\x1b[?1049h\x1b[>5u\x1b[?1049l\x1b[>4;2m',
  'origin mode': '\x1b[3;5r\x1b[?6h\x1b[2;2Hdirty',
  'shifted character sets': '\x1b(A\x1b)0\x1b*0\x1b+0\x0eqqq\x1bn',
  'a pen': '\x1b[1;2;3;4:3;5;7;8;9;53;41;38;2;1;2;3;58:5:3m\x1b[1"q\x1b]8;id=x;http://dirt\x1b\\dirty',
  margins: '\x1b[2;4r\x1b[4;9Hdirty\n\n',
  'mouse reports': '\x1b[?1003h\x1b[?1006h\x1b[?1016h\x1b[?1004h\x1b[?1005h\x1b[?1015h',
  'input modes': '\x1b[4h\x1b[20h\x1b[?7l\x1b[?1h\x1b=\x1b[?45h\x1b[?2004h\x1b[?2026h\x1b[?2031h\x1b[?2048h\x1b[?2027h',
  'another cursor': '\x1b[?25l\x1b[3 q\x1b[?12h\x1b[?5h',
  'tab stops': '\x1b[3g\x1b[5G\x1bH\x1b[3;7H',
  colours: '\x1b]4;1;red;2;blue\x1b\\\x1b]10;red\x1b\\\x1b]11;#123\x1b\\\x1b]12;#fff\x07',
  'an unfinished sequence': '\x1b[3;4',
  'an unfinished string': '\x1b]52;c;YWJj',
  'an unfinished device string': '\x1bP+q54',
  'a pending wrap': 'x'.repeat(COLUMNS),
};

async function run(viewer: Viewer, step: Step): Promise<void> {
  if (typeof step === 'string') await viewer.show(Buffer.from(step, 'latin1'));
  else viewer.emulator.terminal.resize(step.columns, step.rows);
}

/** P straight on one terminal; its snapshot on a fresh and on a dirty one; then Q on all: all must be the same. */
async function expectSame(before: readonly Step[], after: readonly Step[], dirt: string): Promise<void> {
  const original = new Viewer(COLUMNS, ROWS, SCROLLBACK);
  const screen = new Screen(COLUMNS, ROWS, { scrollback: SCROLLBACK });
  let end = 0;
  for (const step of before) {
    await run(original, step);
    if (typeof step !== 'string') screen.resize(step.columns, step.rows);
    else screen.write(Buffer.from(step, 'latin1'), (end += step.length));
  }
  const { offset, bytes } = await screen.snapshot();
  screen.dispose();
  expect(offset).toBe(end);
  const { cols, rows } = original.emulator.terminal;
  const fresh = new Viewer(cols, rows, SCROLLBACK);
  const dirty = new Viewer(cols, rows, SCROLLBACK);
  await dirty.show(dirt);
  for (const viewer of [fresh, dirty]) {
    viewer.typed = '';
    viewer.noise.splice(0);
    await viewer.show(bytes);
    expect([viewer.typed, viewer.noise]).toEqual(['', []]);
  }
  const { history } = original;
  expect(fresh.state(history)).toEqual(original.state(history));
  expect(dirty.state(history)).toEqual(original.state(history));
  const all = [original, fresh, dirty];
  for (const viewer of all) viewer.typed = '';
  for (const step of after.filter((one) => typeof one === 'string')) for (const viewer of all) await run(viewer, step);
  const later = Math.min(...all.map((viewer) => viewer.history));
  expect({ ...fresh.state(later), typed: fresh.typed }).toEqual({ ...original.state(later), typed: original.typed });
  expect({ ...dirty.state(later), typed: dirty.typed }).toEqual({ ...original.state(later), typed: original.typed });
}

const small = fc.integer({ min: 0, max: 7 });
const column = fc.integer({ min: 0, max: 22 });
const TEXTS = [
  'a',
  'hello',
  'x'.repeat(25),
  'y'.repeat(20),
  '日本',
  '語',
  'é',
  'e\u0301',
  '👩',
  '👩\u200d💻',
  '🚀',
  '❤\ufe0f',
  ' ',
];
const CONTROLS = ['\r\n', '\n', '\r', '\t', '\b', '\x0b', '\x0c', '\x0e', '\x0f', '\x07'];
const PENS = [
  '',
  '1',
  '31',
  '7',
  '0',
  '44',
  '38;2;1;2;3',
  '38;5;200',
  '4:3',
  '4',
  '58:2::1:2:3',
  '59',
  '24',
  '53',
  '9',
  '2;3',
  '8',
  '27',
  '100',
  '97',
];
const MODES = [
  1, 5, 6, 7, 9, 12, 25, 45, 47, 66, 1000, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 1047, 1048, 1049, 2004, 2026, 2027,
  2031, 2048,
];
const ESCAPES = ['7', '8', 'D', 'M', 'E', 'H', '=', '>', 'c', '(0', '(B', '(A', ')0', ')B', '*0', '+0', 'n', 'o', '#8'];
const OTHERS = [
  '\x1b[!p',
  '\x1b[3g',
  '\x1b[g',
  '\x1b[s',
  '\x1b[u',
  '\x1b[4h',
  '\x1b[4l',
  '\x1b[20h',
  '\x1b[20l',
  '\x1b[1"q',
  '\x1b[0"q',
  '\x1b[?J',
  '\x1b[?2J',
  '\x1b[?K',
  '\x1b[>1u',
  '\x1b[>5u',
  '\x1b[<u',
  '\x1b[<2u',
  '\x1b[=2;2u',
  '\x1b[=3u',
  '\x1b[>4;2m',
  '\x1b[>4m',
  '\x1b]0;title\x07',
  '\x1b]2;other\x1b\\',
  '\x1b[22;0t',
  '\x1b[23;0t',
  '\x1b[22;2t',
  '\x1b[23t',
  '\x1b]4;1;rgb:aa/bb/cc;7;#fff\x07',
  '\x1b]11;#123456\x1b\\',
  '\x1b]12;red\x07',
  '\x1b]104;1\x07',
  '\x1b]104\x07',
  '\x1b]111\x07',
  '\x1b]112\x1b\\',
  '\x1b]8;id=7;http://a/b?c\x07',
  '\x1b]8;;http://d\x1b\\',
  '\x1b]8;;\x07',
  '\x1b]52;c;aGk=\x07',
  '\x1b]9;hi\x07',
  '\x1b]777;notify;a;b\x07',
  '\x1b]133;A\x07',
  '\x1bP$q"p\x1b\\',
  '\x1bPq#0\x1b\\',
  '\x1b_x\x1b\\',
  '\x1b[c',
  '\x1b[6n',
  '\x1b]10;?\x07',
  '\x1b[>q',
  '\x1b[3\n1m',
  '\x1b[3\x181m',
  '\x1b[\r2C',
  '\x1b\n[1m',
  '\x1b[1$p',
  '\x1b[?2004$p',
];
const fragment = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...TEXTS).map((text) => Buffer.from(text).toString('latin1')) },
  { weight: 3, arbitrary: fc.constantFrom(...CONTROLS) },
  { weight: 3, arbitrary: fc.tuple(small, column).map(([y, x]) => `\x1b[${y};${x}H`) },
  {
    weight: 2,
    arbitrary: fc.array(fc.constantFrom(...PENS), { maxLength: 3 }).map((pens) => `\x1b[${pens.join(';')}m`),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(small, fc.constantFrom(...'A B C D E F G d I Z ` J K X P @ L M S T b'.split(' ')))
      .map(([n, final]) => `\x1b[${n}${final}`),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(small, fc.constantFrom(' @', ' A', "'}", "'~", ' q')).map(([n, end]) => `\x1b[${n}${end}`),
  },
  { weight: 1, arbitrary: fc.tuple(small, small).map(([top, bottom]) => `\x1b[${top};${bottom}r`) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...MODES), fc.constantFrom('h', 'l'))
      .map(([mode, how]) => `\x1b[?${mode}${how}`),
  },
  { weight: 2, arbitrary: fc.constantFrom(...ESCAPES).map((end) => `\x1b${end}`) },
  { weight: 3, arbitrary: fc.constantFrom(...OTHERS) },
);
const resize = fc.record({ columns: fc.integer({ min: 4, max: 30 }), rows: fc.integer({ min: 2, max: 9 }) });
const program: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof({ weight: 40, arbitrary: fragment }, { weight: 1, arbitrary: resize }),
  { maxLength: 50 },
);

/** The steps up to a byte of them, and those from there on. */
function cutAt(steps: readonly Step[], place: number): [Step[], Step[]] {
  const length = steps.reduce((sum, step) => sum + (typeof step === 'string' ? step.length : 0), 0);
  let left = place % (length + 1);
  const at = steps.findIndex((step) => {
    if (typeof step !== 'string') return false;
    if (left <= step.length) return true;
    left -= step.length;
    return false;
  });
  const step = steps[at];
  if (typeof step !== 'string') return [[...steps], []];
  return [
    [...steps.slice(0, at), step.slice(0, left)],
    [step.slice(left), ...steps.slice(at + 1)],
  ];
}

describe('a snapshot at any byte of any program', () => {
  test(
    'makes a fresh and a dirty terminal go on like one that was never detached',
    async () => {
      const property = fc.asyncProperty(
        program,
        fc.nat(),
        fc.constantFrom(...Object.keys(DIRT), 'all of it'),
        async (steps, place, kind) => {
          const dirt = DIRT[kind] ?? Object.values(DIRT).join('');
          await expectSame(...cutAt(steps, place), dirt);
        },
      );
      // The same programs each time; HOLDFAST_TEST_SEED looks for others.
      await fc.assert(property, { numRuns: RUNS, seed: Number(process.env['HOLDFAST_TEST_SEED'] ?? 4) });
    },
    RUNS * 2_000,
  );
});
