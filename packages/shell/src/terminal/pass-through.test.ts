import { describe, expect, test } from 'vitest';
import { EscapeKey } from './escape-key.ts';
import { ModeTracker } from './mode-tracker.ts';
import { PassThrough } from './pass-through.ts';
import { resetSequence } from './terminal-reset.ts';
import type { Terminal, TerminalReader } from './terminal.ts';

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
      expect(modes.keyboardPushes).toBe(1);
      expect(modes.otherKeys).toBe(true);
      expect(modes.between).toBe(true);
    }
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

  test('needs a reset only for what was set', () => {
    expect(resetSequence(tracked('plain text\n'))).toBe('');
    const vim = resetSequence(tracked('\x1b[?1049h\x1b[?2004h\x1b[?25l\x1b[?25h\x1b[?2004l\x1b[?1049l'));
    expect(vim).not.toContain('1049');
    expect(vim).not.toContain('2004');
    const killed = resetSequence(tracked('\x1b[?1049h\x1b[?1000h\x1b[?25l'));
    expect(killed).toContain('\x1b[?1049l');
    expect(killed).toContain('\x1b[?1000l');
    expect(killed).toContain('\x1b[?25h');
  });

  test('reads 64 MiB of text in a moment', () => {
    const modes = new ModeTracker();
    const text = Buffer.alloc(64 * 1024, 'a line of some length\n');
    const started = performance.now();
    for (let count = 0; count < 1024; count++) modes.feed(text);
    expect(performance.now() - started).toBeLessThan(2000);
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
  function setup() {
    const log: string[] = [];
    let reader: TerminalReader | undefined;
    const terminal: Terminal = {
      columns: 10,
      rows: 5,
      waiting: false,
      write: (data, done) => {
        log.push(`out ${JSON.stringify(Buffer.from(data).toString())}`);
        done?.();
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
    const pass = new PassThrough({ terminal, program, onEscape: () => log.push('escape') });
    pass.begin();
    return { log, pass, type: (text: string) => reader?.(Buffer.from(text)) };
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

  test('ends a sequence whose rest was left out', () => {
    const { log, pass } = setup();
    pass.output(Buffer.from('\x1b[3'));
    pass.outputSkipped();
    expect(log.at(-1)).toBe(`out ${JSON.stringify('\x18')}`);
  });
});
