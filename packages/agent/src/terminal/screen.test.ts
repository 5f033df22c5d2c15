import { describe, expect, onTestFinished, test } from 'vitest';
import { needProgram } from '../../../../test/support/need-program.ts';
import { Viewer, rowTexts } from '../testing/viewer.ts';
import { Pty } from './pty.ts';
import { Screen } from './screen.ts';

const COLUMNS = 20;
const ROWS = 6;
const SCROLLBACK = 30;

const DIRT = Buffer.from(
  [
    ...Array.from({ length: 12 }, (_, at) => `old line ${at}\r\n`),
    '\x1b[>5u\x1b[41mdirty\x1b[2;4r\x1b[?6h\x1b[4h\x1b[20h\x1b[?7l\x1b[?1h\x1b=\x1b[?25l\x1b[3 q\x1b[?1003h\x1b[?1006h',
    '\x1b[?2004h\x1b[?1004h\x1b[3g\x1b[5G\x1bH\x1b(0\x1b)0\x0e\x1b[1"q\x1b]8;;http://dirt\x1b\\\x1b[>4;2m\x1b]10;red\x1b\\',
    '\x1b[?2026h\x1b[?45h\x1b[?12h\x1b[?5h\x1b[4;7;31mx\x1b7\x1b[?1047hdirty',
  ].join(''),
);

async function snapshotOf(chunks: readonly Buffer[], options = { columns: COLUMNS, rows: ROWS }): Promise<Buffer> {
  const screen = new Screen(options.columns, options.rows, { scrollback: SCROLLBACK });
  let end = 0;
  for (const chunk of chunks) screen.write(chunk, (end += chunk.length));
  const { offset, bytes } = await screen.snapshot();
  screen.dispose();
  expect(offset).toBe(end);
  return bytes;
}

/** Output up to a cut, its snapshot in a fresh and in a dirty terminal, then the rest: all must look the same. */
async function expectSame(before: Buffer, after: Buffer): Promise<void> {
  const original = new Viewer(COLUMNS, ROWS, SCROLLBACK);
  const fresh = new Viewer(COLUMNS, ROWS, SCROLLBACK);
  const dirty = new Viewer(COLUMNS, ROWS, SCROLLBACK);
  await original.show(before);
  const bytes = await snapshotOf([before]);
  await fresh.show(bytes);
  await dirty.show(Buffer.concat([DIRT, bytes]));
  const { history } = original;
  const expected = original.state(history);
  expect(fresh.state(history)).toEqual(expected);
  expect(dirty.state(history)).toEqual(expected);
  for (const viewer of [original, fresh, dirty]) await viewer.show(after);
  const later = Math.min(original.history, fresh.history, dirty.history);
  expect(fresh.state(later)).toEqual(original.state(later));
  expect(dirty.state(later)).toEqual(original.state(later));
}

describe('Screen.snapshot() restores', () => {
  const lines = (count: number): string => Array.from({ length: count }, (_, at) => `line ${at}\r\n`).join('');

  test.each([
    ['text and history', `${lines(20)}last`, ' more\r\nand more'],
    ['renditions', 'a\x1b[1;31mb\x1b[4:3;58:2::1:2:3mc\x1b[38;2;9;8;7;48;5;200md\x1b[0;2;3;5;7;8;9;53me', 'f\x1b[mg'],
    ['the colour of an underline that comes later', '\x1b[58:5:3m', '\x1b[4:3mx\x1b[59my'],
    ['what may be combined or repeated', 'e', '\u0301'],
    ['what may be combined, struck out', '\x1b[9me', '\u0301x'],
    ['what may be combined, before an underline in colour', '\x1b[58:2::1:2:3m語👩\u200d', '💻'],
    ['what may be combined, in a colour of its underline that was taken back', '\x1b[31;59;100m👩\u200d', '💻'],
    ['pictures of two columns', '\x1b[31m🚀 ✅ ❤\ufe0f\x1b[1;15H|', '\x1b[1;1H\x1b[3C+'],
    ['a full line that was scrolled to the left', `${'x'.repeat(20)}\x1b[2 @`, 'y'],
    ['a hyperlink that DECRC ended', '\x1b7\x1b]8;;http://x\x07a\x1b8', 'b'],
    ['what may be repeated when text is inserted', 'abc\r\x1b[4hx', '\x1b[3b'],
    ['keyboard flags of the other screen', '\x1b[?1049h\x1b[>5u\x1b[?1049l', '\x1b[?1049h'],
    ['titles that were set aside', '\x1b]2;a\x07\x1b[22;0t\x1b]2;b\x07', '\x1b[23;0t'],
    ['colours of empty cells', 'ab\x1b[44m\x1b[K\r\n\x1b[3Xcd\x1b[m\r\nx', 'y\x1b[K'],
    ['coloured history', `\x1b[42m${lines(12)}`, lines(3)],
    ['wrapped lines', `${'0123456789'.repeat(5)}\r\nx`, 'y'],
    ['a wrapped line in colour at the bottom', `\r\n\n\n\n\n\n\x1b[41m${'0123456789'.repeat(5)}`, 'y\r\nz'],
    ['wide characters at the margin', `${'x'.repeat(19)}日本${'語'.repeat(12)}`, 'x'],
    ['combined characters', 'é e\u0301 👩‍💻 ✓', 'z'],
    ['a pending wrap', 'x'.repeat(20), 'y'],
    ['a pending wrap behind a wide character', `${'x'.repeat(18)}語`, 'y'],
    ['a pending wrap on the fresh alternate screen', `${'x'.repeat(20)}\x1b[?1049h`, 'y'],
    ['the pen', 'x\x1b[1;7;32m', 'y'],
    ['the alternate screen over the main one', `${lines(9)}$ vi\x1b[?1049h\x1b[2J\x1b[3;4Hedit`, '\x1b[?1049l done'],
    ['the alternate screen without a saved cursor', 'ab\x1b7cd\x1b[?1047hxy', '\x1b[?1047l!\x1b8?'],
    ['application keys', '\x1b[?1h\x1b=', ''],
    ['bracketed paste and focus', '\x1b[?2004h\x1b[?1004h', ''],
    ['mouse, SGR', '\x1b[?1002h\x1b[?1006h', ''],
    ['mouse, pixels', '\x1b[?1003h\x1b[?1016h', ''],
    ['mouse, urxvt', '\x1b[?1000h\x1b[?1015h', ''],
    ['a hidden cursor', '\x1b[?25l', 'x'],
    ['the shape of the cursor', '\x1b[6 q', 'x\x1b[3 q'],
    ['margins', '1\r\n2\r\n3\r\n4\r\n5\x1b[2;4r\x1b[4;1H', 'x\n\ny\n\n'],
    ['origin mode', '\x1b[2;5r\x1b[?6h\x1b[3;7Hhere', '\x1b[1;1Htop\n'],
    ['a saved cursor', 'ab\x1b[3;5H\x1b[31m\x1b7\x1b[m\x1b[1;1H', 'x\x1b8y'],
    ['a cursor saved behind the last column', `${'x'.repeat(20)}\x1b[31m\x1b7\x1b[m\r\nab`, '\x1b8y'],
    ['one behind a wide character', `${'x'.repeat(18)}語\x1b7\x1b[3;3H`, '\x1b8y'],
    ['tab stops', '\x1b[3g\x1b[4G\x1bH\x1b[11G\x1bH\r', '\ta\tb\tc'],
    ['line drawing', '\x1b(0lqqk', 'x\x1b(Bx'],
    ['line drawing in G1', '\x1b)0\x0eq', 'x\x0fx'],
    ['new line mode', '\x1b[20ha', '\nb'],
    ['insert mode', 'abc\r\x1b[4h', 'X'],
    ['no wraparound', '\x1b[?7l', 'x'.repeat(30)],
    ['protected cells', 'a\x1b[1"qbc\x1b[0"qd', '\x1b[?2J'],
    ['hyperlinks', '\x1b]8;id=7;http://a/b?c\x07link\x1b]8;;\x07 \x1b]8;;http://d\x1b\\on', 'ward'],
    ['the title', '\x1b]0;make world\x07', ''],
    ['colours', '\x1b]4;1;rgb:aa/bb/cc;7;#fff\x07\x1b]11;#123456\x1b\\', '\x1b]104;1\x07'],
    ['keyboard flags of kitty', '\x1b[>1u\x1b[?1049h\x1b[>5u\x1b[=8;2u', '\x1b[<u\x1b[?1049l'],
    ['modified keys of xterm', '\x1b[>4;2m', ''],
    ['synchronized output', '\x1b[?2026hx', '\x1b[?2026ly'],
    ['a reset', '\x1b[?1049h\x1b[?25l\x1b[31m\x1b[?1006h\x1b[20h\x1bcx', 'y\nz'],
  ])('%s', async (_, before, after) => {
    await expectSame(Buffer.from(before), Buffer.from(after));
  });

  test('output cut at each byte, within characters and sequences too', async () => {
    const output = Buffer.from(
      'a語\x1b[31mé\x1b]8;;http://x\x1b\\l\x1b]8;;\x07\x1bP$q"p\x1b\\\x1b(0q\x1b(B👩\x1b[2;3H\x1b[?25l!',
    );
    for (let cut = 0; cut <= output.length; cut += 1) {
      await expectSame(output.subarray(0, cut), output.subarray(cut));
    }
  });
});

describe('Screen', () => {
  test('restores vim in a split window, which then goes on alike', async () => {
    needProgram('vim');
    const size = { columns: 80, rows: 24 };
    const original = new Viewer(80, 24, SCROLLBACK);
    const screen = new Screen(80, 24);
    const { promise: exited, resolve: onExit } = Promise.withResolvers<unknown>();
    let end = 0;
    let isShown: (() => void) | undefined;
    const later: Buffer[] = [];
    let isLater = false;
    const pty = Pty.spawn({
      file: 'vim',
      args: ['--clean', '-i', 'NONE', '-c', 'set nomore mouse=a | syntax on | split | vsplit', '/etc/services'],
      env: { PATH: process.env['PATH'] ?? '/bin:/usr/bin', TERM: 'xterm-256color', LC_ALL: 'C.UTF-8' },
      cwd: '/',
      ...size,
      onData: (chunk) => {
        screen.write(chunk, (end += chunk.length));
        if (isLater) later.push(chunk);
        void original.show(chunk).then(() => isShown?.());
      },
      onExit,
    });
    screen.answerQueries((reply) => pty.write(reply));
    const shows = async (text: string): Promise<void> => {
      while (!rowTexts(original.emulator, original.emulator.terminal.buffer.active, 0).join('\n').includes(text)) {
        await new Promise<void>((resolve) => (isShown = resolve));
      }
    };
    await shows('services');
    pty.write(Buffer.from('/ssh\r:echo "fou" . "nd"\r'));
    await shows('found');
    pty.pause();
    const { offset, bytes } = await screen.snapshot();
    await original.show('');
    expect(offset).toBe(end);
    const fresh = new Viewer(80, 24, SCROLLBACK);
    await fresh.show(bytes);
    expect(fresh.state(0)).toEqual(original.state(0));
    isLater = true;
    pty.resume();
    pty.write(Buffer.from('\x17w10jdd:qa!\r'));
    await exited;
    await fresh.show(Buffer.concat(later));
    await original.show('');
    expect(fresh.state(0)).toEqual(original.state(0));
    screen.dispose();
  });

  test('leaves out what a flood scrolls away, and shows the same', async () => {
    const before = Buffer.from('\x1b[31mred $ seq\r\n\x1b[m12');
    const flood = Buffer.from(
      Array.from({ length: 300_000 }, (_, at) => `line ${at} ${'日本'.repeat(at % 9)}\r\n`).join(''),
    );
    const chunks = [before];
    for (let at = 0; at < flood.length; at += 65_000) chunks.push(flood.subarray(at, at + 65_000));
    chunks.push(Buffer.from('\x1b[1m$ '));
    const original = new Viewer(COLUMNS, ROWS, SCROLLBACK);
    const fresh = new Viewer(COLUMNS, ROWS, SCROLLBACK);
    await original.show(Buffer.concat(chunks));
    await fresh.show(await snapshotOf(chunks));
    expect(fresh.state(SCROLLBACK)).toEqual(original.state(SCROLLBACK));
  });

  test('keeps its backlog small under a flood of plain lines', async () => {
    const screen = new Screen(80, 24);
    const chunk = Buffer.from('y\r\n'.repeat(20_000));
    for (let run = 1; run <= 500; run += 1) screen.write(chunk, run * chunk.length);
    expect(screen.backlogBytes).toBeLessThan(1.1 * 1024 * 1024);
    expect((await screen.snapshot()).offset).toBe(500 * chunk.length);
    screen.dispose();
  });

  test('takes a flood of colours completely, without end', async () => {
    const screen = new Screen(80, 24);
    let end = 0;
    const colors = Buffer.from(Array.from({ length: 3000 }, (_, at) => `\x1b[3${at % 8}m${at}\x1b[m `).join(''));
    for (let run = 0; run < 200; run += 1) screen.write(colors, (end += colors.length));
    const { offset, bytes } = await screen.snapshot();
    expect(offset).toBe(end);
    expect(bytes.toString()).toContain('2999');
    screen.dispose();
  });

  test('resizes between the outputs before and after', async () => {
    const screen = new Screen(10, 4);
    screen.write(Buffer.from('0123456789abcde\r\n'), 17);
    screen.resize(20, 4);
    screen.write(Buffer.from('0123456789abcde'), 32);
    const viewer = new Viewer(20, 4, SCROLLBACK);
    await viewer.show((await screen.snapshot()).bytes);
    const lines = rowTexts(viewer.emulator, viewer.emulator.terminal.buffer.active, 0);
    expect(lines.filter((line) => line.includes('0123456789abcde'))).toHaveLength(2);
    screen.dispose();
  });

  test('answers queries while nobody else does, and only those that come then', async () => {
    const screen = new Screen(80, 24);
    const replies: string[] = [];
    let end = 0;
    const write = (text: string): void => screen.write(Buffer.from(text), (end += text.length));
    write('\x1b[c');
    screen.answerQueries((bytes) => replies.push(bytes.toString()));
    write('\x1b[3;4H\x1b[c\x1b[>c\x1b[6n\x1b[5n\x1b]11;?\x07\x1b[>q');
    await screen.snapshot();
    expect(replies.splice(0)).toEqual([
      '\x1b[?1;2c',
      expect.stringContaining('\x1b[>'),
      '\x1b[3;4R',
      '\x1b[0n',
      '\x1b]11;rgb:0000/0000/0000\x1b\\',
      '\x1bP>|Holdfast\x1b\\',
    ]);
    screen.stopAnswering();
    write('\x1b[c');
    await screen.snapshot();
    expect(replies).toEqual([]);
    screen.dispose();
  });

  test('answers what the terminal that looked was not given, and did not answer', async () => {
    const screen = new Screen(80, 24);
    const replies: string[] = [];
    let end = 0;
    const write = (text: string): number => {
      screen.write(Buffer.from(text), (end += text.length));
      return end;
    };
    screen.answerQueries((bytes) => replies.push(bytes.toString()));
    screen.stopAnswering();
    const given = write('text\x1b[c');
    write('\x1b[5n more \x1b]11;?\x07 \x1b[6n');
    screen.typed(Buffer.from('x\x1b[0n'));
    await screen.snapshot();
    write('\x1b[>q');
    screen.typed(Buffer.from('\x1b[1;35Ry'));
    expect(replies).toEqual([]);
    screen.answerQueries((bytes) => replies.push(bytes.toString()), given);
    await screen.snapshot();
    expect(replies.splice(0)).toEqual(['\x1b]11;rgb:0000/0000/0000\x1b\\', '\x1bP>|Holdfast\x1b\\']);
    const shown = write('\x1b[c');
    screen.stopAnswering(shown);
    write('\x1b[c');
    await screen.snapshot();
    expect(replies).toEqual(['\x1b[?1;2c']);
    screen.dispose();
  });

  test('answers in the place of a terminal that was cut off, and takes no answer that comes from it then', async () => {
    const screen = new Screen(80, 24);
    const replies: string[] = [];
    let end = 0;
    const write = (text: string): number => {
      screen.write(Buffer.from(text), (end += text.length));
      return end;
    };
    const reply = (bytes: Buffer): void => void replies.push(bytes.toString());
    screen.answerQueries(reply);
    screen.stopAnswering();
    const acknowledged = write('text');
    write('\x1b[c\x1b[5n');
    await screen.snapshot();
    screen.typed(Buffer.from('\x1b[?64;1c'));
    // Its answer to the second one is on its way when the link is lost.
    screen.answerQueries(reply, acknowledged);
    const shownTo = end;
    const asked = write('\x1b[c and \x1b[6n');
    await screen.snapshot();
    expect(replies.splice(0)).toEqual(['\x1b[0n', '\x1b[?1;2c', '\x1b[1;10R']);
    screen.stopAnswering(asked, shownTo);
    expect(screen.answeredBehind(shownTo)).toEqual([{ from: acknowledged, to: asked }]);
    expect(screen.typed(Buffer.from('a\x1b[0nb')).toString()).toBe('ab');
    // What is asked then has its own answer.
    write('\x1b[5n');
    await screen.snapshot();
    expect(screen.typed(Buffer.from('\x1b[0n')).toString()).toBe('\x1b[0n');
    expect(replies).toEqual([]);
    screen.dispose();
  });

  /** Cuts an answer in two, with a lost link between or not. */
  function halves(question: string): {
    replies: string[];
    typed: (text: string) => string;
    lose: () => Promise<void>;
    back: () => void;
    ready: Promise<unknown>;
  } {
    const screen = new Screen(80, 24);
    onTestFinished(() => screen.dispose());
    const replies: string[] = [];
    const reply = (bytes: Buffer): void => void replies.push(bytes.toString());
    screen.answerQueries(reply);
    screen.stopAnswering();
    screen.write(Buffer.from(question), question.length);
    return {
      replies,
      typed: (text) => screen.typed(Buffer.from(text)).toString(),
      lose: async () => {
        screen.answerQueries(reply, 0);
        await screen.snapshot();
      },
      back: () => screen.stopAnswering(question.length, question.length),
      ready: screen.snapshot(),
    };
  }

  const ANSWERS = [
    ['\x1b[c', '\x1b[?64;1c'],
    ['\x1b[6n', '\x1b[12;40R'],
    ['\x1b]11;?\x07', '\x1b]11;rgb:1111/2222/3333\x1b\\'],
    ['\x1b[>q', '\x1bP>|xterm(390)\x1b\\'],
  ] as const;

  test.each(ANSWERS)('takes an answer to %j in two reads for one, wherever it is cut', async (question, answer) => {
    for (let at = 1; at < answer.length; at += 1) {
      const { replies, typed, lose, back, ready } = halves(question);
      await ready;
      expect(typed(`a${answer.slice(0, at)}`)).toBe(`a${answer.slice(0, at)}`);
      expect(typed(`${answer.slice(at)}b`)).toBe(`${answer.slice(at)}b`);
      await lose();
      back();
      expect(replies).toEqual([]);
      expect(typed(answer)).toBe(answer);
    }
  });

  test.each(ANSWERS)(
    'answers %j when the link was lost in the middle of the answer, whose rest is dropped',
    async (question, answer) => {
      for (let at = 1; at < answer.length; at += 1) {
        const { replies, typed, lose, back, ready } = halves(question);
        await ready;
        expect(typed(answer.slice(0, at))).toBe(answer.slice(0, at));
        await lose();
        expect(replies).toHaveLength(1);
        back();
        expect(typed(`${answer.slice(at)}b`)).toBe('b');
        expect(typed(answer)).toBe(answer);
      }
    },
  );

  test.each(ANSWERS)(
    'leaves a late answer to %j whole that comes in two reads: its beginning may be a key',
    async (question, answer) => {
      for (let at = 1; at < answer.length; at += 1) {
        const { replies, typed, lose, back, ready } = halves(question);
        await ready;
        await lose();
        back();
        expect(replies).toHaveLength(1);
        expect(typed(answer.slice(0, at)) + typed(`${answer.slice(at)}b`)).toBe(`${answer}b`);
      }
    },
  );

  test('leaves keys that look like the beginning of an answer as they are', async () => {
    const { typed, ready } = halves('\x1b[c');
    await ready;
    for (const key of ['\x1b', '[', '\x1b[', '1;5', 'A', '\x1b]', 'x', '\x1bP', '\x1b[200~', '\u0301', '\x1b', 'é'])
      expect(typed(key)).toBe(key);
  });

  test('leaves bells, clipboards, notifications and queries out of a snapshot', async () => {
    const output = Buffer.from(
      'a\x07b\x1b]52;c;aGk=\x07\x1b]9;hi\x07\x1b]777;notify;a;b\x07\x1b[c\x1b[6n\x1b]10;?\x07',
    );
    const text = (await snapshotOf([output])).toString('latin1');
    for (const sequence of ['\x07', ']52', ']9;', ']777', '\x1b[c', '\x1b[6n', '?\x1b\\'])
      expect(text).not.toContain(sequence);
  });

  test('gives the same snapshot when it is at rest, and takes nothing more', async () => {
    const screen = new Screen(COLUMNS, ROWS);
    for (let at = 1; at <= 100; at += 1) screen.write(Buffer.from(`line ${at}\r\n`), at);
    const before = await screen.snapshot();
    screen.write(Buffer.from('\x1b[31mthe last'), 101);
    await screen.rest();
    screen.write(Buffer.from('not this'), 102);
    const last = await screen.snapshot();
    expect(last.offset).toBe(101);
    const [shown, expected] = [new Viewer(COLUMNS, ROWS, SCROLLBACK), new Viewer(COLUMNS, ROWS, SCROLLBACK)];
    await shown.show(last.bytes);
    await expected.show(before.bytes);
    await expected.show(Buffer.from('\x1b[31mthe last'));
    expect(shown.state(expected.history)).toEqual(expected.state(expected.history));
    expect(() => screen.paint({ columns: COLUMNS, rows: ROWS }, { left: 0, top: 0 })).toThrow('no screen any more');
    screen.dispose();
    await expect(screen.snapshot()).rejects.toMatchObject({ id: 'SessionExited' });
  });

  test('rejects what waits for it when it is disposed of', async () => {
    const screen = new Screen(80, 24);
    screen.write(Buffer.from('x'), 1);
    const waiting = expect(screen.snapshot()).rejects.toMatchObject({ id: 'SessionExited' });
    screen.dispose();
    await waiting;
    await expect(screen.snapshot()).rejects.toMatchObject({ id: 'SessionExited' });
    screen.write(Buffer.from('x'), 2);
  });
});
