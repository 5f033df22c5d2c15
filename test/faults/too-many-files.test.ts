import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Connection, RemoteSession } from '@holdfast/shell/client';
import { ShownOutput, connectFrom } from '../support/client.ts';
import { needProgram } from '../support/need-program.ts';
import { openDescriptors } from '../support/process.ts';
import { startRemote } from '../support/remote.ts';

const REASON = 'too many files are open (close some sessions, or raise the limit of open files: ulimit -n)';

/** Sets how many files a running process may have open, or as many as it may again. */
function limitFiles(pid: number, files: number | 'hard'): void {
  needProgram('prlimit');
  const [, hard = ''] = /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8')) ?? [];
  execFileSync('prlimit', ['--pid', String(pid), `--nofile=${files === 'hard' ? hard : files}:`]);
}

/** Milliseconds of processor time that a process has used. */
function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

async function openShown(connection: Connection): Promise<{ session: RemoteSession; shown: ShownOutput }> {
  const session = await connection.openSession({ name: 'old', columns: 80, rows: 24 });
  const shown = new ShownOutput();
  await shown.show(session);
  return { session, shown };
}

/** What an old session prints is exactly right. */
async function expectExact({ session, shown }: { session: RemoteSession; shown: ShownOutput }): Promise<void> {
  shown.text = '';
  await session.run('seq 1 2000').ended;
  await shown.until(() => shown.text.includes('2000\r\n'));
  expect(shown.text).toContain(Array.from({ length: 2000 }, (_, index) => `${index + 1}\r\n`).join(''));
}

/** Does it until it is refused; what had been let in before. */
async function untilRefused<T>(act: () => Promise<T>): Promise<{ made: T[]; error: unknown }> {
  const made: T[] = [];
  for (;;) {
    try {
      made.push(await act());
    } catch (error) {
      return { made, error };
    }
  }
}

describe('too many open files', () => {
  test('in the gateway: who comes is told so, those who are there go on, and the next come in when files are free', async () => {
    await using remote = await startRemote();
    await using first = await connectFrom(remote.client, 'srv1');
    const old = await openShown(first);
    const { pid } = remote.agent;
    limitFiles(pid, openDescriptors(pid) + 30);
    const { made, error } = await untilRefused(() => connectFrom(remote.client, 'srv1'));
    expect(error).toMatchObject({ id: 'TooManyConnections', message: expect.stringContaining(REASON) });
    expect(made.length).toBeGreaterThan(0);
    await expectExact(old);

    // Strangers that say nothing, more than there are descriptors: nothing of it is felt.
    const strangers = await Promise.all(Array.from({ length: 300 }, () => stranger(remote.agent.port)));
    const before = processorMs(pid);
    await delay(500);
    expect(processorMs(pid) - before).toBeLessThan(250);
    await expectExact(old);
    await expect(first.openSession({ columns: 80, rows: 24 })).resolves.toMatchObject({ state: 'Opened' });
    for (const socket of strangers) socket.destroy();
    for (const connection of made) connection.close();

    limitFiles(pid, 'hard');
    await expect
      .poll(() => connectFrom(remote.client, 'srv1').then((again) => again.close()), { timeout: 20_000 })
      .toBeUndefined();
  });

  test('in a session host: no session is opened, the old ones go on, and nothing stays open', async () => {
    await using remote = await startRemote();
    await using connection = await connectFrom(remote.client, 'srv1');
    const old = await openShown(connection);
    await expectExact(old);
    const [{ pid } = { pid: 0 }] = (await connection.status()).hosts;
    const before = openDescriptors(pid);
    limitFiles(pid, before + 36);
    const open = (): Promise<RemoteSession> => connection.openSession({ columns: 80, rows: 24 });
    const { made, error } = await untilRefused(open);
    expect(error).toMatchObject({ id: 'OutOfResources', message: expect.stringContaining(REASON) });
    expect(made.length).toBeGreaterThan(0);
    await expectExact(old);
    await using late = await connectFrom(remote.client, 'srv1');
    expect(await late.listSessions()).toHaveLength(made.length + 1);
    // More links than there are descriptors.
    const links = await untilRefused(async () => {
      const another = await connectFrom(remote.client, 'srv1');
      await another.listSessions();
      return another;
    });
    expect(links.error).toMatchObject({ id: 'HostUnavailable' });
    for (const link of links.made) link.close();
    const used = processorMs(pid);
    await delay(500);
    expect(processorMs(pid) - used).toBeLessThan(250);
    await expectExact(old);

    limitFiles(pid, 'hard');
    made.push(await open());
    await Promise.all(made.map((session) => session.stop()));
    late.close();
    await expect.poll(() => openDescriptors(pid), { timeout: 20_000 }).toBeLessThanOrEqual(before);
  });
});

async function stranger(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {
    // Hung up on.
  });
  await once(socket, 'connect');
  return socket;
}
