import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLIENT_SETTINGS, type Connection } from '@holdfast/shell/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ShownOutput, connectFrom } from '../support/client.ts';
import { startRelayed, type Relayed } from '../support/relayed.ts';

const CLIENTS = 50;
const SPREAD_MS = 1500;

let remote: Relayed;

beforeEach(async () => {
  remote = await startRelayed({ env: { HOLDFAST_GATEWAY_SETTINGS: JSON.stringify({ retryAfterMs: SPREAD_MS }) } });
});

afterEach(async () => {
  await remote[Symbol.asyncDispose]();
});

/** Resolves when the connection's link is in a state. */
function reached(connection: Connection, wanted: Connection['linkState']): Promise<void> {
  if (connection.linkState === wanted) return Promise.resolve();
  return new Promise((resolve) => {
    const stop = connection.onLinkState((state) => {
      if (state !== wanted) return;
      stop();
      resolve();
    });
  });
}

describe('clients whose agent restarts do not come back in step', () => {
  test.each(['SIGKILL', 'SIGTERM'] as const)('%s', async (signal) => {
    const settings = { firstSpreadMs: SPREAD_MS, retryStepMs: SPREAD_MS };
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, () => connectFrom(remote.client, 'srv1', settings)),
    );
    remote.link.arrivals.length = 0;
    await remote.agent.kill(signal);
    await Promise.all(clients.map((client) => reached(client, 'Reconnecting')));
    await remote.agent.restart();
    await Promise.all(clients.map((client) => reached(client, 'Connected')));
    const first = remote.link.arrivals.slice(0, CLIENTS);
    // Nine tenths of them would come within a tenth of the time, were they in step.
    expect((first[44] ?? 0) - (first[5] ?? 0)).toBeGreaterThan(SPREAD_MS / 5);
    for (const client of clients) client.close();
  });
});

test('a client whose key is not let in any more asks once and never again', async () => {
  const client = await connectFrom(remote.client, 'srv1');
  writeFileSync(join(remote.host.home, 'authorized_keys'), '\n', { mode: 0o600 });
  await remote.agent.kill();
  await remote.agent.restart();
  await reached(client, 'Closed');
  const asked = remote.link.arrivals.length;
  client.retryNow();
  // Whoever is refused at the door has come after anything that the first would still do.
  await expect(connectFrom(remote.client, 'srv1')).rejects.toMatchObject({ id: 'AccessDenied' });
  expect(remote.link.arrivals.length - asked).toBe(1);
});

test('a client whose session was taken does not take it back, whatever becomes of its link', async () => {
  const loser = await connectFrom(remote.client, 'srv1');
  const session = await loser.openSession({ name: 'A', columns: 80, rows: 24 });
  await new ShownOutput().show(session);
  const taker = await connectFrom(remote.client, 'direct');
  const over = new Promise((resolve) => session.onState(resolve));
  await taker.connectSession(session.info.instanceId, { force: true });
  await over;
  for (let cut = 0; cut < 3; cut += 1) {
    remote.link.cut();
    await reached(loser, 'Reconnecting');
    loser.retryNow();
    await reached(loser, 'Connected');
  }
  const [info] = await taker.listSessions();
  expect(info?.holder?.clientId).toBe(taker.clientId);
  expect(session.state).toBe('Disconnected');
  loser.close();
  taker.close();
});

describe('an idle connection behind a proxy that cuts what is idle', () => {
  // Both shortened twenty times: 10 s to 500 ms, 60 s to 3 s.
  const RATIO = 20;
  const cutMs = 60_000 / RATIO;

  /** Resolves with what the link was in as many idle times of the proxy, or until it is cut. */
  async function statesOf(connection: Connection, idleTimes: number): Promise<string[]> {
    const states: string[] = [];
    const cut = new Promise<void>((resolve) =>
      connection.onLinkState((state) => {
        states.push(state);
        if (state === 'Reconnecting') resolve();
      }),
    );
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(over.resolve, idleTimes * cutMs);
    await Promise.race([cut, over.promise]);
    clearTimeout(timer);
    const seen = [...states];
    connection.close();
    return seen;
  }

  test('stays up', async () => {
    remote.link.idleCutMs = cutMs;
    const settings = { pingIntervalMs: CLIENT_SETTINGS.pingIntervalMs / RATIO };
    const connection = await connectFrom(remote.client, 'srv1', settings);
    expect(await statesOf(connection, 4)).toEqual([]);
    expect(remote.link.arrivals).toHaveLength(1);
  });

  test('would not without its heartbeat', async () => {
    remote.link.idleCutMs = cutMs;
    const connection = await connectFrom(remote.client, 'srv1', { pingIntervalMs: 60_000 });
    expect(await statesOf(connection, 20)).toContain('Reconnecting');
  });
});
