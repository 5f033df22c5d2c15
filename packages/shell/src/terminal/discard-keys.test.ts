import { expect, test } from 'vitest';
import type { Terminal, TerminalReader } from './terminal.ts';
import { discardKeys } from './discard-keys.ts';

function fakeTerminal(): { terminal: Terminal; type: (text: string) => void; reading: () => boolean } {
  let reader: TerminalReader | undefined;
  let typedAt = -Infinity;
  const terminal: Terminal = {
    columns: 80,
    rows: 24,
    get typedAt() {
      return typedAt;
    },
    waiting: false,
    write: () => {},
    read: (next) => (reader = next),
    unread: () => {},
    onResize: () => () => {},
  };
  const type = (text: string): void => {
    typedAt = performance.now();
    reader?.(Buffer.from(text));
  };
  return { terminal, type, reading: () => reader !== undefined };
}

test('does not wait for somebody who has not typed', async () => {
  const { terminal, reading } = fakeTerminal();
  expect(await discardKeys(terminal, 60_000)).toHaveLength(0);
  expect(reading()).toBe(false);
});

test('takes what is typed until nothing more comes', async () => {
  const { terminal, type, reading } = fakeTerminal();
  type('before');
  const discarded = discardKeys(terminal, 50);
  type('rm -rf');
  type(' /\r');
  expect((await discarded).toString()).toBe('rm -rf /\r');
  expect(reading()).toBe(false);
});

test('is over with Ctrl-C', async () => {
  const { terminal, type } = fakeTerminal();
  type('a');
  const discarded = discardKeys(terminal, 60_000);
  type('b\x03');
  expect((await discarded).toString()).toBe('b\x03');
});
