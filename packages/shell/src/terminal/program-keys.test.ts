import { expect, test } from 'vitest';
import { EscapeKey } from './escape-key.ts';
import { ProgramKeys } from './program-keys.ts';
import type { Terminal, TerminalReader } from './terminal.ts';

const QUIET_MS = 50;

function setup() {
  const log: string[] = [];
  let reader: TerminalReader | undefined;
  let full: PromiseWithResolvers<'taken' | 'stalled'> | undefined;
  const terminal: Terminal = {
    columns: 80,
    rows: 24,
    typedAt: -Infinity,
    waiting: false,
    write: () => {},
    read: (next) => {
      reader = next;
    },
    unread: (bytes) => log.push(`unread ${bytes.toString()}`),
    onResize: () => () => {},
  };
  const refusing = Promise.withResolvers<void>();
  const taking = Promise.withResolvers<void>();
  const keys = new ProgramKeys({
    terminal,
    program: {
      write: (bytes) => log.push(Buffer.from(bytes).toString()),
      interrupt: () => log.push('interrupt'),
      full: () => full?.promise,
    },
    split: (bytes) => new EscapeKey().split(bytes),
    onEscape: () => log.push('escape'),
    onRefusing: (on) => (on ? refusing : taking).resolve(),
    onRefused: () => log.push('bell'),
    quietMs: QUIET_MS,
  });
  keys.begin();
  return {
    log,
    keys,
    /** Something is typed. @returns false if it stays in the terminal */
    type: (text: string): boolean => {
      reader?.(Buffer.from(text));
      return reader !== undefined;
    },
    reads: () => reader !== undefined,
    fill: () => (full = Promise.withResolvers()),
    /** The host takes some, and there is room; or it takes none for long. */
    taken: () => {
      const was = full;
      full = undefined;
      was?.resolve('taken');
    },
    stalled: () => {
      const was = full;
      full = Promise.withResolvers();
      was?.resolve('stalled');
    },
    refusing: refusing.promise,
    taking: taking.promise,
  };
}

test('what there is no room for stays in the terminal until some was taken', async () => {
  const { log, type, reads, fill, taken } = setup();
  fill();
  expect(type('a')).toBe(false);
  taken();
  await expect.poll(reads).toBe(true);
  type('b');
  expect(log).toEqual(['a', 'b']);
});

test('a program that takes nothing for long gets Ctrl-C, and all else is refused up to a pause', async () => {
  const { log, type, fill, stalled, taken, refusing, taking } = setup();
  fill();
  type('paste');
  stalled();
  await refusing;
  type('more of it');
  taken();
  type('its end');
  await taking;
  type('new');
  expect(log).toEqual(['paste', 'bell', 'new']);
});

test('what follows Ctrl-C is taken at once, and the menu opens', async () => {
  const { log, type, fill, stalled, taken, refusing, reads } = setup();
  fill();
  type('paste');
  stalled();
  await refusing;
  type('more');
  taken();
  type('\x03a\x1db');
  expect(log).toEqual(['paste', 'bell', 'interrupt', 'a', 'unread b', 'escape']);
  expect(reads()).toBe(false);
});

test('keys that are held are not read when room comes', async () => {
  const { keys, type, fill, taken, reads } = setup();
  fill();
  type('a');
  keys.hold();
  taken();
  await new Promise((resolve) => setImmediate(resolve));
  expect(reads()).toBe(false);
});
