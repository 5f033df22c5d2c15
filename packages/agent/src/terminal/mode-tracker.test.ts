import { describe, expect, test } from 'vitest';
import { Emulator } from './emulator.ts';
import { ModeTracker } from './mode-tracker.ts';
import { snapshotText } from './snapshot.ts';

// What each sequence means is read from the documents, not from the emulator: of xterm's "XTerm Control Sequences" (patch
// 397), and of DEC's VT510 manual for DECSTR; of the kitty keyboard protocol, "Progressive enhancement".

// oxlint-disable-next-line no-control-regex -- it is control characters that are looked for
const SEQUENCE = /\x1b(?:\][^\x07\x1b]*\x1b\\|\[[^@-~]*[@-~]|[ -/]*[0-~])|[\x0e\x0f]/g;
const NO_FLAGS = '\x1b[<32u\x1b[=0;1u';

async function after(program: string): Promise<{ emulator: Emulator; tracker: ModeTracker; snapshot: string }> {
  const emulator = new Emulator(20, 6, 10);
  const tracker = new ModeTracker(emulator, () => {});
  await new Promise<void>((resolve) => emulator.terminal.write(program, resolve));
  return { emulator, tracker, snapshot: snapshotText(emulator, tracker) };
}

/** The sequences of a snapshot that one of a fresh terminal does not have, in their order. */
async function restored(program: string): Promise<string[]> {
  const fresh: string[] = (await after('')).snapshot.match(SEQUENCE) ?? [];
  const sequences = (await after(program)).snapshot.match(SEQUENCE) ?? [];
  return sequences.filter((sequence) => {
    const at = fresh.indexOf(sequence);
    if (at >= 0) fresh.splice(at, 1);
    return at < 0;
  });
}

describe('a snapshot brings back', () => {
  test.each<[what: string, program: string, restored: string[]]>([
    ['the title, with its icon’s or alone', '\x1b]0;one\x07\x1b]2;two\x1b\\', ['\x1b]2;two\x1b\\']],
    ['no title of an icon alone', '\x1b]1;icon\x07', []],
    ['a title set aside', '\x1b]2;a\x07\x1b[22;0t\x1b]2;b\x07', ['\x1b]2;a\x1b\\', '\x1b[22;2t', '\x1b]2;b\x1b\\']],
    ['a title that came back', '\x1b]2;a\x07\x1b[22;2t\x1b]2;b\x07\x1b[23;2t', ['\x1b]2;a\x1b\\']],
    ['a title, though that of the icon is set aside', '\x1b]2;a\x07\x1b[22;1t', ['\x1b]2;a\x1b\\']],
    ['the mouse: X10', '\x1b[?9h', ['\x1b[?9h']],
    ['the mouse: buttons', '\x1b[?1000h', ['\x1b[?1000h']],
    ['the mouse: drags', '\x1b[?1002h', ['\x1b[?1002h']],
    ['the mouse: all motion', '\x1b[?1003h', ['\x1b[?1003h']],
    ['the mouse: the last mode alone', '\x1b[?1000h\x1b[?1002h', ['\x1b[?1002h']],
    ['the mouse: nothing, whichever is taken back', '\x1b[?1003h\x1b[?1000l', []],
    ['the mouse in UTF-8', '\x1b[?1005h', ['\x1b[?1005h']],
    ['the mouse in SGR', '\x1b[?1006h', ['\x1b[?1006h']],
    ['the mouse in urxvt’s way', '\x1b[?1015h', ['\x1b[?1015h']],
    ['the mouse in pixels', '\x1b[?1016h', ['\x1b[?1016h']],
    ['the encoding that was set last', '\x1b[?1000;1015;1006h', ['\x1b[?1000h', '\x1b[?1015h', '\x1b[?1006h']],
    ['... the other way round', '\x1b[?1006h\x1b[?1015h', ['\x1b[?1006h', '\x1b[?1015h']],
    ['no encoding when the last is taken back', '\x1b[?1005;1006h\x1b[?1006l', []],
    ['the encoding when another is taken back', '\x1b[?1005;1006h\x1b[?1005l', ['\x1b[?1006h']],
    ['bracketed paste', '\x1b[?2004h', ['\x1b[?2004h']],
    ['focus events', '\x1b[?1004h', ['\x1b[?1004h']],
    ['a block that blinks', '\x1b[1 q', ['\x1b[1 q']],
    ['a block', '\x1b[2 q', ['\x1b[2 q']],
    ['an underline that blinks', '\x1b[3 q', ['\x1b[3 q']],
    ['an underline', '\x1b[4 q', ['\x1b[4 q']],
    ['a bar that blinks', '\x1b[5 q', ['\x1b[5 q']],
    ['a bar', '\x1b[6 q', ['\x1b[6 q']],
    ['the cursor of the terminal itself', '\x1b[6 q\x1b[0 q', []],
    ['a hidden cursor', '\x1b[?25l', ['\x1b[?25l']],
    ['a blinking one', '\x1b[?12h', ['\x1b[?12h']],
    ['line drawing', '\x1b(0', ['\x1b(0']],
    ['G1, shifted out', '\x1b)0\x0e', ['\x1b)0', '\x0e']],
    ['G2, by LS2', '\x1b*A\x1bn', ['\x1b*A', '\x1bn']],
    ['G3, by LS3', '\x1b+0\x1bo', ['\x1b+0', '\x1bo']],
    ['margins', '\x1b[2;4r', ['\x1b[2;4r']],
    ['origin mode, counted from the margin', '\x1b[2;4r\x1b[?6h', ['\x1b[2;4r', '\x1b[?6h']],
    ['insert mode', '\x1b[4h', ['\x1b[4h']],
    ['new line mode', '\x1b[20h', ['\x1b[20h']],
    ['cursor keys and keypad of applications', '\x1b[?1h\x1b=', ['\x1b[?1h', '\x1b=']],
    ['no wrap', '\x1b[?7l', ['\x1b[?7l']],
    ['reverse wrap', '\x1b[?45h', ['\x1b[?45h']],
    ['reverse video', '\x1b[?5h', ['\x1b[?5h']],
    ['modifyOtherKeys', '\x1b[>4;2m', ['\x1b[>4;2m']],
    ['modifyOtherKeys as the terminal had it', '\x1b[>4;2m\x1b[>4m', []],
    ['modifyOtherKeys, and all that is like it, as the terminal had it', '\x1b[>4;2m\x1b[>1;2m\x1b[>m', []],
    ['modifyOtherKeys, disabled', '\x1b[>4;2m\x1b[>4n', ['\x1b[>4n']],
    ['modifyFunctionKeys, disabled without its number', '\x1b[>n', ['\x1b[>2n']],
    ['what DECSTR leaves alone: title, mouse', '\x1b]2;a\x07\x1b[?1003h\x1b[!p', ['\x1b[?1003h', '\x1b]2;a\x1b\\']],
    [
      'nothing that DECSTR resets',
      '\x1b[?1h\x1b=\x1b[4h\x1b[?25l\x1b[2;4r\x1b[?6h\x1b(0\x1b)0\x0e\x1b[31m\x1b[H\x1b7\x1b[!p\x1b[H',
      [],
    ],
    ['nothing after RIS: of pen, saved cursor and tab stops', '\x1b]0;\x07\x1b[31m\x1b[5;5H\x1b7\x1b[3g\x1bc', []],
    ['... of the mouse and what is pasted', '\x1b[?1003;1015;1006;2004;1004;5;2027;2031;2048;45;12h\x1bc', []],
    [
      '... of cursor, margins and characters',
      '\x1b[5 q\x1b[?25l\x1b[2;4r\x1b[?6h\x1b[4h\x1b[20h\x1b=\x1b)0\x0e\x1bc',
      [],
    ],
    ['... of keys and screens', '\x1b[>4;2m\x1b[>2n\x1b[>5u\x1b[?1049h\x1b[>7u\x1bc', []],
  ])('%s', async (_what, program, wanted) => {
    expect(await restored(program)).toEqual(wanted);
  });
});

describe('the alternate screen', () => {
  test.each([47, 1047, 1049])('%i comes up where the cursor was, and goes back to the main screen', async (mode) => {
    const { emulator, snapshot } = await after(`main\x1b[?${mode}halt`);
    expect([emulator.isAlternate, emulator.terminal.buffer.active.cursorX]).toEqual([true, 7]);
    expect(snapshot.split('\x1b[?1047h').at(-1)).toContain('alt');
    expect(snapshot.split('\x1b[?1047h').at(-2)).toContain('main');
    const left = await after(`main\x1b[?${mode}halt\x1b[?${mode}l`);
    // 1049 alone brings the cursor back.
    expect([left.emulator.isAlternate, left.emulator.terminal.buffer.active.cursorX]).toEqual([
      false,
      mode === 1049 ? 4 : 7,
    ]);
    expect(left.emulator.terminal.buffer.active.getLine(0)?.translateToString(true)).toBe('main');
  });
});

describe('kitty’s keyboard flags', () => {
  test.each<[program: string, normal: string, alternate?: string]>([
    ['', ''],
    ['\x1b[>1u', '\x1b[>1u'],
    ['\x1b[>u', '\x1b[>0u'],
    ['\x1b[>1u\x1b[>31u', '\x1b[>1u\x1b[>31u'],
    ['\x1b[>1u\x1b[>5u\x1b[<u', '\x1b[>1u'],
    ['\x1b[>1u\x1b[>5u\x1b[>7u\x1b[<2u', '\x1b[>1u'],
    ['\x1b[=5u', '\x1b[=5;1u'],
    ['\x1b[=5u\x1b[=2;1u', '\x1b[=2;1u'],
    ['\x1b[=5u\x1b[=2;2u', '\x1b[=7;1u'],
    ['\x1b[=7u\x1b[=2;3u', '\x1b[=5;1u'],
    ['\x1b[>1u\x1b[=8;2u', '\x1b[>9u'],
    ['\x1b[=5u\x1b[>1u\x1b[<u', '\x1b[=5;1u'],
    // A pop that empties the stack resets all flags.
    ['\x1b[=5u\x1b[>1u\x1b[<9u', ''],
    // Each screen has its own.
    ['\x1b[>1u\x1b[?1049h\x1b[>3u', '\x1b[>1u', '\x1b[>3u'],
    ['\x1b[>1u\x1b[?1049h\x1b[>3u\x1b[?1049l\x1b[<u', '', '\x1b[>3u'],
    ['\x1b[?47h\x1b[=4u\x1b[?47l\x1b[=1u', '\x1b[=1;1u', '\x1b[=4;1u'],
    ['\x1b[>5u\x1b[?1049h\x1b[>5u\x1bc', ''],
  ])('%j', async (program, normal, alternate = '') => {
    const { tracker } = await after(program);
    expect(tracker.keyboard('normal')).toBe(NO_FLAGS + normal);
    expect(tracker.keyboard('alternate')).toBe(NO_FLAGS + alternate);
  });

  test('of too many that are pushed the oldest go', async () => {
    const pushed = Array.from({ length: 40 }, (_, at) => `\x1b[>${at % 32}u`);
    const { tracker } = await after(pushed.join(''));
    expect(tracker.keyboard('normal')).toBe(`${NO_FLAGS}\x1b[=8;1u${pushed.slice(9).join('')}`);
  });
});
