import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Connection } from '@holdfast/shell/client';
import { connectFrom } from '../support/client.ts';
import { ClientProcess } from '../support/client-process.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { startRelayed, type Relayed } from '../support/relayed.ts';

/** Silence that ends a link, for the gateway and the client; a stop lasts many times that, as minutes do. */
const DEAD_MS = 160;
const STOPPED_MS = 1_300;
const ASLEEP_S = 6 * 3600;

const GATEWAY = { suspectAfterMs: DEAD_MS / 2, deadAfterMs: DEAD_MS };
const CLIENT = { pingIntervalMs: DEAD_MS / 4, suspectAfterMs: DEAD_MS / 2, deadAfterMs: DEAD_MS, retryStepMs: 50 };

let remote: Relayed;
/** On the host itself, through another session host and no gateway. */
let local: Connection;

beforeEach(async () => {
  const settings = { HOLDFAST_GATEWAY_SETTINGS: JSON.stringify(GATEWAY), HOLDFAST_HOST_SETTINGS: '{"graceMs":160}' };
  remote = await startRelayed({ env: settings });
  local = await connectFrom(remote.host, 'localhost');
});

afterEach(async () => {
  await local.goodbye();
  await remote[Symbol.asyncDispose]();
});

/** Stops a process for so long; who has nothing to do with it goes on meanwhile. */
async function stopFor(pid: number, meanwhile: () => Promise<void>): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  try {
    await meanwhile();
    const session = await local.openSession({ columns: 80, rows: 24 });
    await expect(session.run('true').ended).resolves.toMatchObject({ status: 0 });
    await session.stop();
    await delay(STOPPED_MS);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** The sessions are held by nobody as far as others can see. */
async function allDisconnected(owner: Connection): Promise<void> {
  await expect
    .poll(async () => (await owner.listSessions()).every(({ expiresAt }) => expiresAt !== undefined))
    .toBe(true);
}

test('a laptop that sleeps for 6 h goes on at once with its sixteen sessions, nothing lost or repeated', async () => {
  using clock = new FakeClock('all');
  const task = { host: 'srv1', sessions: 16, files: 'kept', settings: CLIENT };
  await using laptop = await ClientProcess.start(remote, task, { env: clock.env });
  const owner = await connectFrom(remote.client, 'direct');
  let slept = 0;
  for (const lose of [() => remote.link.cut(), () => remote.link.forget()]) {
    await stopFor(laptop.pid, async () => {
      lose();
      slept += 1;
      clock.set(slept * ASLEEP_S);
      laptop.type();
      await allDisconnected(owner);
    });
    const wokenAt = performance.now();
    await laptop.works();
    console.log(`16 sessions go on ${Math.round(performance.now() - wokenAt)} ms after the sleep`);
  }
  owner.close();
  console.log(`${slept} times asleep, ${JSON.stringify(laptop.figures)}`);
}, 120_000);

test('a gateway and a session host that are stopped for long go on, and so do sixteen sessions of a client', async () => {
  const task = { host: 'srv1', sessions: 16, files: 'kept', settings: CLIENT };
  await using client = await ClientProcess.start(remote, task);
  const owner = await connectFrom(remote.client, 'direct');
  const [host] = (await owner.status()).hosts;
  await stopFor(remote.agent.pid, async () => client.type());
  await client.works();
  await stopFor(host?.pid ?? 0, async () => {
    remote.link.cut();
    client.type();
  });
  await client.works();
  owner.close();
  console.log(JSON.stringify(client.figures));
}, 120_000);
