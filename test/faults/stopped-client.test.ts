import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Connection } from '@holdfast/shell/client';
import { ShownOutput, connectFrom } from '../support/client.ts';
import { Console } from '../support/console.ts';
import { HOLDFAST, processesWith } from '../support/machine.ts';
import { residentBytes } from '../support/process.ts';
import { startRelayed, type Relayed } from '../support/relayed.ts';

const MEBIBYTE = 1024 * 1024;
/** What one client's window, the sockets on the way and the collector's leisure may take. */
const MOST_GROWN = 64 * MEBIBYTE;

let remote: Relayed;
let other: Connection;

beforeEach(async () => {
  remote = await startRelayed();
  other = await connectFrom(remote.client, 'direct');
});

afterEach(async () => {
  other.close();
  await remote[Symbol.asyncDispose]();
});

/** Keys are echoed in another session, one at a time. */
async function echoes(keys: number): Promise<void> {
  const session = await other.openSession({ columns: 80, rows: 24 });
  const shown = new ShownOutput();
  await shown.show(session);
  session.run("stty raw -echo; printf 'be''gun'; cat");
  await shown.until(() => shown.text.includes('begun'));
  shown.text = '';
  for (let key = 1; key <= keys; key += 1) {
    session.write(Buffer.from('k'));
    await shown.until(() => shown.text.length === key);
  }
  await session.stop();
}

/** Waits until the session prints no more: all that its client may be sent is under way. @returns offset of its end */
async function standstill(name: string): Promise<number> {
  const end = async (): Promise<number> =>
    (await other.listSessions()).find((session) => session.name === name)?.outputEnd ?? 0;
  let before = -1;
  await expect
    .poll(
      async () => {
        const now = await end();
        const stands = now === before;
        before = now;
        return stands && now > 0;
      },
      { timeout: 30_000, interval: 500 },
    )
    .toBe(true);
  return before;
}

async function agentPids(): Promise<number[]> {
  return [remote.agent.pid, ...(await other.status()).hosts.map(({ pid }) => pid)];
}

/** Lets a flood meet a client that does not read: it costs its own window, and others go on. */
async function expectOnlyItsWindow(name: string, stop: () => void): Promise<void> {
  const pids = await agentPids();
  const before = pids.map(residentBytes);
  stop();
  const end = await standstill(name);
  await echoes(50);
  const grown = pids.map((pid, at) => residentBytes(pid) - (before[at] ?? 0));
  console.log(
    `printed ${end} bytes; gateway and host grew by ${grown.map((one) => (one / MEBIBYTE).toFixed(1)).join(', ')} MiB`,
  );
  expect(Math.max(...grown)).toBeLessThan(MOST_GROWN);
}

test('a client that is stopped costs its own window and nothing else, and goes on where it was', async () => {
  using screen = new Console([HOLDFAST, 'enter', 'srv1', '--name', 'flood'], remote.client.env);
  await screen.see('[srv1] ~>');
  screen.type('yes 0123456789\r');
  await screen.see('0123456789\r\n0123456789\r\n');
  const [pid = 0] = processesWith(`HOME=${remote.client.home}`).filter((one) =>
    readFileSync(`/proc/${one}/cmdline`, 'utf8').includes('shell/dist/main.js\0enter'),
  );
  await expectOnlyItsWindow('flood', () => process.kill(pid, 'SIGSTOP'));
  process.kill(pid, 'SIGCONT');
  screen.type('\x03');
  await screen.see('[srv1] ~>');
}, 90_000);

test('a socket that is not read costs its own window and nothing else', async () => {
  const client = await connectFrom(remote.client, 'srv1');
  const session = await client.openSession({ name: 'flood', columns: 80, rows: 24 });
  const shown = new ShownOutput(() => {});
  await shown.show(session);
  session.run('yes 0123456789');
  await shown.until(() => shown.bytes > MEBIBYTE);
  await expectOnlyItsWindow('flood', () => remote.link.freeze());
  remote.link.thaw();
  const read = shown.bytes;
  await shown.until(() => shown.bytes > read + 8 * MEBIBYTE);
  client.close();
}, 90_000);
