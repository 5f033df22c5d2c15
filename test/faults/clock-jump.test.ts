import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SessionInfo } from '@holdfast/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { ShownOutput, connectFrom } from '../support/client.ts';
import { ClientProcess } from '../support/client-process.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { startRelayed, type Relayed } from '../support/relayed.ts';

const HOUR_S = 3600;
const HOUR_MS = HOUR_S * 1000;

/** Looks at its link often, and finds none dead that is only slow on a busy machine: a jump is far longer. */
const SETTINGS = { pingIntervalMs: 60, suspectAfterMs: 10_000, deadAfterMs: 20_000 };

type Clocks = { client: FakeClock; gateway: FakeClock; host: FakeClock };

/** A client, a gateway and a session host, each with a clock of its own. */
async function startWith({ client, gateway, host }: Clocks): Promise<{ remote: Relayed; busy: ClientProcess }> {
  const remote = await startRelayed({ env: gateway.env });
  onTestFinished(() => remote[Symbol.asyncDispose]());
  await remote.agent.startHost(host.env);
  const task = { host: 'srv1', sessions: 1, files: 'kept', settings: SETTINGS };
  const busy = await ClientProcess.start(remote, task, { env: client.env });
  onTestFinished(() => busy[Symbol.asyncDispose]());
  return { remote, busy };
}

test.each([
  ['the wall clock', 'wall', [6 * HOUR_S, 0, -6 * HOUR_S, 0]],
  ['every clock', 'all', [6 * HOUR_S]],
] as const)(
  'when %s of client, gateway or host jumps nothing is lost, no link dies, no session expires',
  async (_, kind, jumps) => {
    using client = new FakeClock(kind);
    using gateway = new FakeClock(kind);
    using host = new FakeClock(kind);
    const { remote, busy } = await startWith({ client, gateway, host });
    const owner = await connectFrom(remote.client, 'direct');
    const left = await owner.openSession({ name: 'left', columns: 80, rows: 24 });
    await new ShownOutput().show(left);
    await left.detach({ idleTimeoutMs: HOUR_MS });
    for (const clock of [client, gateway, host]) {
      for (const seconds of jumps) {
        clock.set(seconds);
        await busy.works();
        // Longer than it takes to find a link dead, were one judged by the jump.
        await delay(3 * SETTINGS.pingIntervalMs);
      }
    }
    expect(busy.states).not.toContain('Reconnecting');
    const info = (await owner.listSessions()).find(({ name }) => name === 'left');
    expect(info?.state).toBe('Running');
    // It has an hour, as the host's clock goes now.
    const ahead = (jumps.at(-1) ?? 0) * 1000;
    expect(Math.abs((info?.expiresAt ?? 0) - ahead - Date.now() - HOUR_MS)).toBeLessThan(60_000);
    owner.close();
    remote.link.cut();
    await busy.works();
    expect(busy.states.filter((state) => state === 'Reconnecting')).toHaveLength(1);
    await expect.poll(() => remote.agent.log).toContain('by ticket');
    const { lines, typed } = busy.figures;
    console.log(`${kind}: ${3 * jumps.length} jumps, ${lines} lines out and ${typed} bytes in compared`);
  },
);

/** A session host that sees in /proc/uptime what a test says, in a mount namespace of its own. @returns what lets it sleep */
async function startSleeper(remote: Relayed): Promise<(hours: number) => void> {
  const file = join(remote.host.home, 'uptime');
  const since = Number.parseFloat(readFileSync('/proc/uptime', 'utf8'));
  const text = (hours: number): string => (since + hours * HOUR_S).toFixed(2).padStart(12, '0');
  writeFileSync(file, text(0));
  const script = 'mount --bind "$0" /proc/uptime && exec "$@"';
  await remote.agent.startHost({ HOLDFAST_HOST_SETTINGS: '{"idleLookMs":50}' }, [
    'unshare',
    '-m',
    'sh',
    '-c',
    script,
    file,
  ]);
  return (hours) => {
    const descriptor = openSync(file, 'r+');
    writeSync(descriptor, text(hours), 0);
    closeSync(descriptor);
  };
}

test('a session expires after a sleep of its host in which its idle time ended, and not before', async ({ skip }) => {
  if (process.getuid?.() !== 0) skip('A mount namespace needs root');
  await using remote = await startRelayed();
  const sleep = await startSleeper(remote);
  const owner = await connectFrom(remote.client, 'srv1');
  const [held, left] = [
    await owner.openSession({ columns: 80, rows: 24 }),
    await owner.openSession({ columns: 80, rows: 24 }),
  ];
  await left.detach({ idleTimeoutMs: 12 * HOUR_MS });
  const find = async (): Promise<SessionInfo | undefined> =>
    (await owner.listSessions()).find(({ instanceId }) => instanceId === left.info.instanceId);
  sleep(11);
  expect(Math.abs(((await find())?.expiresAt ?? 0) - Date.now() - HOUR_MS)).toBeLessThan(60_000);
  // It is looked at meanwhile.
  await delay(200);
  expect((await find())?.state).toBe('Running');
  sleep(13);
  await expect.poll(async () => (await find())?.state).not.toBe('Running');
  expect(held.state).toBe('Opened');
  await held.stop();
  owner.close();
});
