import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { EscapeKey } from './escape-key.ts';
import { ModeTracker } from './mode-tracker.ts';
import { PassThrough } from './pass-through.ts';
import { resetSequence } from './terminal-reset.ts';
import type { Terminal, TerminalReader } from './terminal.ts';
import { expectLinear } from '../testing/expect-linear.ts';

function tracked(...chunks: string[]): ModeTracker {
  const modes = new ModeTracker();
  for (const chunk of chunks) modes.feed(Buffer.from(chunk));
  return modes;
}

describe('ModeTracker', () => {
  test('follows modes wherever the output is split', () => {
    const output = '\x1b[?1049h\x1b[?1000;1006h\x1b[?25l\x1b]0;title [?7l\x07\x1b[>1u\x1b[>4;2m語';
    for (let at = 1; at < output.length; at++) {
      const modes = tracked(output.slice(0, at), output.slice(at));
      expect([...modes.modesOn]).toEqual([1049, 1000, 1006]);
      expect([...modes.modesOff]).toEqual([25]);
      expect(modes.alternateScreen).toBe(true);
      expect(modes.traces.keyboardPushes('alternate')).toBe(1);
      expect(modes.otherKeys).toBe(true);
      expect(modes.between).toBe(true);
    }
  });

  test('knows that any of the modes leaves the alternate screen', () => {
    expect(tracked('\x1b[?1047h', '\x1b[?1049l').alternateScreen).toBe(false);
  });

  test('knows whether something is half sent', () => {
    expect(tracked('abc').between).toBe(true);
    expect(tracked('abc\x1b[3').between).toBe(false);
    expect(tracked('\x1b]0;tit').between).toBe(false);
    expect(tracked('語').between).toBe(true);
    const half = new ModeTracker();
    half.feed(Buffer.from('語').subarray(0, 2));
    expect(half.between).toBe(false);
  });

  test('knows whether text may stand below the cursor', () => {
    expect(tracked('a line\r\n\x1b[1;31mred\x1b[K\x1b[5G\x1b[B\x1b[>1u').textBelow).toBe(false);
    for (const up of ['\x1b[A', '\x1b[H', '\x1b[3;4f', '\x1b8', '\x1bM', '\x1b[2;5r', '\x1b[u']) {
      expect(tracked('text', up).textBelow, JSON.stringify(up)).toBe(true);
      expect(tracked(up, '\x1b[J').textBelow, JSON.stringify(up)).toBe(false);
      expect(tracked(up, '\x1b[1J').textBelow, JSON.stringify(up)).toBe(true);
    }
    expect(tracked('\x1b[H\x1b[?1049h\x1b[2J\x1b[?1049l').textBelow).toBe(true);
    expect(tracked('\x1b[1;23r').margins).toBe(true);
    expect(tracked('\x1b[1;23r', '\x1b[r').margins).toBe(false);
  });

  test('needs a reset only for what was set', () => {
    expect(resetSequence(tracked('plain text\n'), 80)).toBe('');
    const vim = resetSequence(tracked('\x1b[?1049h\x1b[?2004h\x1b[?25l\x1b[?25h\x1b[?2004l\x1b[?1049l'), 80);
    expect(vim).not.toContain('1049');
    expect(vim).not.toContain('2004');
    const killed = resetSequence(tracked('\x1b[?1049h\x1b[?1000h\x1b[?25l'), 80);
    expect(killed).toContain('\x1b[?1049l');
    expect(killed).toContain('\x1b[?1000l');
    expect(killed).toContain('\x1b[?25h');
  });

  test('reads text in time in proportion to its length', () => {
    const modes = new ModeTracker();
    expectLinear((length) => modes.feed(Buffer.alloc(length, 'a line of some length\n')), 1024 * 1024);
  });
});

describe('EscapeKey', () => {
  const split = (text: string, key = new EscapeKey()): unknown[] =>
    key.split(Buffer.from(text)).map((part) => (part.kind === 'bytes' ? part.bytes.toString() : part.kind));

  test('finds Ctrl-C and itself among keys', () => {
    expect(split('abc')).toEqual(['abc']);
    expect(split('a\x03b\x03')).toEqual(['a', 'interrupt', 'b', 'interrupt']);
    expect(split('a\x1dx\x03')).toEqual(['a', 'escape']);
    expect(split('\x03\x1d')).toEqual(['interrupt', 'escape']);
    expect(new EscapeKey().split(Buffer.from('a\x1dx'))[1]).toEqual({ kind: 'escape', rest: Buffer.from('x') });
  });

  test('finds itself as terminals with unambiguous keys send it', () => {
    expect(split('a\x1b[93;5u')).toEqual(['a', 'escape']);
    expect(split('\x1b[27;5;93~')).toEqual(['escape']);
  });

  test('can be another key', () => {
    const key = new EscapeKey(0x14);
    expect(key.label).toBe('Ctrl-T');
    expect(split('\x1d\x14', key)).toEqual(['\x1d', 'escape']);
    expect(() => new EscapeKey(3)).toThrow(RangeError);
  });
});

describe('PassThrough', () => {
  const SHOWN = '\x1b7\x1b[5;1H\x1b[0;7m\x1b[?7llink lost\x1b[K\x1b[0m\x1b[?7h\x1b8';
  const CLEARED = '\x1b7\x1b[5;1H\x1b[0m\x1b[2K\x1b8';
  const out = (text: string): string => `out ${JSON.stringify(text)}`;

  function setup(statusAfterMs = 0) {
    const log: string[] = [];
    const waiting: (() => void)[] = [];
    /** The next thing that is written. */
    const next = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
    let reader: TerminalReader | undefined;
    const terminal: Terminal = {
      columns: 10,
      rows: 5,
      typedAt: -Infinity,
      waiting: false,
      write: (data, done) => {
        log.push(`out ${JSON.stringify(Buffer.from(data).toString())}`);
        done?.();
        for (const resolve of waiting.splice(0)) resolve();
      },
      read: (next) => {
        reader = next;
      },
      unread: (bytes) => log.push(`unread ${bytes.toString()}`),
      onResize: () => () => {},
    };
    const program = {
      write: (b: Uint8Array) => log.push(`in ${Buffer.from(b).toString()}`),
      interrupt: () => log.push('interrupt'),
    };
    const pass = new PassThrough({ terminal, program, onEscape: () => log.push('escape'), statusAfterMs });
    pass.begin();
    return { log, pass, next, type: (text: string) => reader?.(Buffer.from(text)) };
  }

  test('gives keys to the program up to the key of the menu', () => {
    const { log, type } = setup();
    type('ab\x03c\x1dd');
    type('lost');
    expect(log).toEqual(['in ab', 'interrupt', 'in c', 'unread d', 'escape']);
  });

  test('marks a missing newline and resets nothing after plain text', () => {
    const { log, pass } = setup();
    pass.output(Buffer.from('no newline'));
    pass.end();
    expect(log[1]).toBe(`out ${JSON.stringify(`\x1b[7m%\x1b[0m${' '.repeat(9)}\r\x1b[K`)}`);
    const other = setup();
    other.pass.output(Buffer.from('line\n'));
    other.pass.end();
    expect(other.log).toHaveLength(1);
  });

  test('goes below everything when ending the origin mode brings the cursor to the top', () => {
    const { log, pass } = setup();
    pass.output(Buffer.from('text\x1b[2;4r\x1b[?6hmore\n'));
    pass.end();
    expect(log[1]).toContain('\\u001b[?6l');
    expect(log[1]).toContain('\\u001b[5;1H\\r\\n"');
    const other = setup();
    other.pass.output(Buffer.from('text\x1b[?1049h\x1b[2;4r\x1b[?6hmore'));
    other.pass.end();
    expect(other.log[1]).toMatch(/6l.*1049l/);
    expect(other.log[1]).not.toMatch(/1049l.*(?:6l|5;1H)/);
  });

  test('keeps the status out of half-sent sequences and takes it away again', () => {
    const { log, pass } = setup();
    pass.output(Buffer.from('text\x1b['));
    pass.status('link lost');
    expect(log).toHaveLength(1);
    pass.output(Buffer.from('0m'));
    pass.status('link lost');
    expect(log.at(-1)).toContain('link lost');
    pass.status(undefined);
    expect(log.at(-1)).toContain('[2K');
    pass.status(undefined);
    expect(log).toHaveLength(4);
  });

  test('takes the status away before output, and shows it again when that pauses', async () => {
    const { log, pass, next } = setup();
    pass.status('link lost');
    pass.output(Buffer.from('one\r\n'));
    pass.output(Buffer.from('two: '));
    expect(log).toEqual([out(`\x1bD\x1b[A${SHOWN}`), out(CLEARED), out('one\r\n'), out('two: ')]);
    await next();
    expect(log.splice(0).at(-1)).toBe(out(`\x1bD\x1b[A${SHOWN}`));
    pass.status(undefined);
    pass.output(Buffer.from('three'));
    expect(log).toEqual([out(CLEARED), out('three')]);
  });

  test('clears no row that output came to', () => {
    const { log, pass } = setup(60_000);
    pass.status('link lost');
    pass.output(Buffer.from('\nPassword: '));
    const written = log.length;
    pass.status(undefined);
    pass.end();
    expect(log.slice(written).join('')).not.toContain('[2K');
  });

  test('lets a status that made way stay away where room would cost a row each time', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const { log, pass } = setup(100);
    pass.status('link lost');
    pass.output(Buffer.from('\x1b[Aagain\r\n'));
    pass.output(Buffer.from('\x1b[A\x1b[J'));
    vi.advanceTimersByTime(100);
    expect(log.filter((entry) => entry.includes('link lost'))).toHaveLength(2);
    pass.output(Buffer.from('\x1b[Hanew'));
    const written = log.length;
    vi.advanceTimersByTime(1000);
    expect(log).toHaveLength(written);
    pass.status('link lost');
    expect(log.at(-1)).toBe(out(`\x1b7\x1b[5;1H\n\x1b8\x1b[A${SHOWN}`));
  });

  test('leaves the status on a screen of the program until that goes', async () => {
    const { log, pass, next } = setup();
    pass.output(Buffer.from('\x1b[?1049h'));
    pass.status('link lost');
    pass.output(Buffer.from('text'));
    expect(log.slice(1)).toEqual([out(SHOWN), out('text')]);
    pass.output(Buffer.from('\x1b[?1049l'));
    expect(pass.hasStatus).toBe(false);
    await next();
    expect(log.at(-1)).toBe(out(`\x1bD\x1b[A${SHOWN}`));
    pass.status(undefined);
    expect(log.at(-1)).toBe(out(CLEARED));
  });

  test('moves nothing up where a program draws in place on the normal screen, and goes before that is left', () => {
    const { log, pass } = setup();
    pass.output(Buffer.from('\x1b[?1h\x1b[?25l\x1b[Htop\r\nrows'));
    pass.status('link lost');
    pass.output(Buffer.from('\x1b[Hmore'));
    expect(pass.hasStatus).toBe(true);
    pass.output(Buffer.from('\x1b[?1l\x1b[?25h\x1b[5;1Hbye'));
    expect(pass.hasStatus).toBe(false);
    expect(log.slice(1)).toEqual([SHOWN, '\x1b[Hmore', CLEARED, '\x1b[?1l\x1b[?25h\x1b[5;1Hbye'].map(out));
  });

  test('ends a sequence whose rest was left out', () => {
    const { log, pass } = setup();
    pass.output(Buffer.from('\x1b[3'));
    pass.outputSkipped();
    expect(log.at(-1)).toBe(`out ${JSON.stringify('\x18')}`);
  });
});
