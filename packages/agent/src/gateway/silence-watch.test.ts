import { join } from 'node:path';
import { RemotingError } from '@holdfast/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TestHost } from '../testing/test-host.ts';
import { openRequest } from './testing/session-fixture.ts';
import { TestClient } from './testing/test-client.ts';
import { TestHome, startTestGateway } from './testing/test-gateway.ts';

let home: TestHome;
const clients: TestClient[] = [];

beforeEach(() => {
  home = new TestHome();
});

afterEach(() => {
  for (const client of clients.splice(0)) client.socket.terminate();
  home[Symbol.dispose]();
});

/** A session that one client holds over a gateway, and another client that wants it. */
async function heldSession(limits: { takeAfterMs: number; suspectAfterMs: number; deadAfterMs: number }) {
  const { takeAfterMs, ...settings } = limits;
  const host = await TestHost.start({ takeAfterMs, graceMs: 60_000 });
  const gateway = await startTestGateway(home, {
    settings,
    buildId: 'test',
    runtimeDir: join(host.folder, 'run'),
  });
  const [holder, other] = [await connect(gateway.port), await connect(gateway.port)];
  const { session } = await holder.link.request('session.open', openRequest(1));
  const end = async (): Promise<void> => {
    await gateway.stop('The test is over');
    await host[Symbol.asyncDispose]();
  };
  return { holder, other, instanceId: session.instanceId, [Symbol.asyncDispose]: end };
}

async function connect(port: number): Promise<TestClient> {
  const client = await TestClient.connect({ port, key: home.key });
  clients.push(client);
  return client;
}

/** @returns whether the client holds the session now */
async function takes({ link }: TestClient, instanceId: string): Promise<boolean> {
  try {
    await link.request('session.connect', { channel: 9, instanceId, force: false });
    return true;
  } catch (error) {
    expect(error).toMatchObject({ id: 'SessionHeldElsewhere' } satisfies Partial<RemotingError>);
    return false;
  }
}

/** Lets the holder fall silent on a link that stays open. @returns after how many milliseconds it held nobody off */
async function silentUntilTaken(held: { holder: TestClient; other: TestClient; instanceId: string }): Promise<number> {
  await held.holder.link.request('session.resize', { channel: 1, columns: 81, rows: 24 });
  const heardAt = performance.now();
  held.holder.socket.pause();
  while (!(await takes(held.other, held.instanceId)));
  return performance.now() - heardAt;
}

describe('a holder that is silent on a link that stays open', () => {
  test('holds nobody off once its gateway has not heard it for long enough, while the gateway still waits', async () => {
    await using held = await heldSession({ takeAfterMs: 1000, suspectAfterMs: 15_000, deadAfterMs: 30_000 });
    const takenAfterMs = await silentUntilTaken(held);
    expect(takenAfterMs).toBeGreaterThan(900);
    expect(takenAfterMs).toBeLessThan(2000);
    held.holder.socket.resume();
    const taken = await held.holder.until(() => held.holder.events.find(({ event }) => event.type === 'session.taken'));
    expect(taken.channel).toBe(1);
  });

  test('is not given that time a second time when the gateway gives it up', async () => {
    await using held = await heldSession({ takeAfterMs: 2000, suspectAfterMs: 500, deadAfterMs: 1000 });
    const takenAfterMs = await silentUntilTaken(held);
    expect(takenAfterMs).toBeGreaterThan(1900);
    expect(takenAfterMs).toBeLessThan(2900);
  });
});

test('a holder that only idles is asked in time, and keeps others off', async () => {
  await using held = await heldSession({ takeAfterMs: 1000, suspectAfterMs: 15_000, deadAfterMs: 30_000 });
  const until = performance.now() + 2500;
  while (performance.now() < until) expect(await takes(held.other, held.instanceId)).toBe(false);
});
