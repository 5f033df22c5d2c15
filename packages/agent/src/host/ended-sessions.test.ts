import { randomUUID } from 'node:crypto';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { queryObjects } from 'node:v8';
import { describe, expect, test } from 'vitest';
import { Emulator } from '../terminal/emulator.ts';
import type { HostClient, TestChannel } from '../testing/host-client.ts';
import { TestHost } from '../testing/test-host.ts';
import { WatcherTerminal, watch } from '../testing/watcher.ts';

const LINES = 20_000;
const LAST_LINE = `line ${LINES}`;
const SETTINGS = { outputMemoryBytes: 65_536 };

/** Terminals that are in memory, once what nobody holds is gone. */
function emulators(): number {
  return queryObjects(Emulator, { format: 'count' });
}

/** Files of output that stand on the disk. */
function outputFiles({ folder }: TestHost): string[] {
  const names = readdirSync(join(folder, 'output'), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.output'));
}

/** Prints more than memory holds, and exits. */
async function printAndExit(client: HostClient, { channel }: TestChannel, first = ':'): Promise<void> {
  const text = `${first}; for i in {1..${LINES}}; do echo "line $i"; done; exit`;
  await client.link.request('command.run', { channel, commandId: randomUUID(), text });
}

async function stateOf(client: HostClient): Promise<string | undefined> {
  return (await client.link.request('session.list', {})).sessions[0]?.state;
}

describe('a session that has ended', () => {
  test('keeps nothing when its holder has had all of its output', async () => {
    await using host = await TestHost.start(SETTINGS);
    const client = await host.connect();
    const session = await client.open();
    await client.show(session, 0);
    await session.event('session.ready');
    expect(emulators()).toBe(1);
    await printAndExit(client, session);
    const { at } = await session.event('session.exited');
    await session.until(() => session.receiver.received === at);
    await expect.poll(emulators).toBe(0);
    expect(outputFiles(host)).toEqual([]);
    // It is known all the same, and its client may lose its link.
    client.cut();
    await client.relink();
    expect(await client.resume()).toMatchObject([{ session: { state: 'Exited', outputEnd: at, delivered: at } }]);
    expect(session.output).toContain(LAST_LINE);
  });

  test('keeps what a holder was not shown, and its last screen, without a terminal', async () => {
    await using host = await TestHost.start(SETTINGS);
    const client = await host.connect();
    const session = await client.open();
    await session.event('session.ready');
    await printAndExit(client, session);
    const { at } = await session.event('session.exited');
    await expect.poll(emulators).toBe(0);
    expect(outputFiles(host)).not.toEqual([]);
    await client.show(session, 0);
    await session.until(() => session.receiver.received === at);
    expect(session.output).toContain('line 1\r\nline 2\r\n');
    expect(session.output).toContain(LAST_LINE);
    await expect.poll(() => outputFiles(host)).toEqual([]);
  });

  test('shows its last screen to a holder who asks for that', async () => {
    await using host = await TestHost.start(SETTINGS);
    const client = await host.connect();
    const session = await client.open();
    await session.event('session.ready');
    await printAndExit(client, session);
    const { at } = await session.event('session.exited');
    await expect.poll(emulators).toBe(0);
    expect(await client.show(session)).toMatchObject({ snapshot: true, from: at, notShown: at });
    expect(session.snapshot).toContain(LAST_LINE);
    await expect.poll(() => outputFiles(host)).toEqual([]);
  });

  test('gives a client that was away when it ended the rest of its output', async () => {
    await using host = await TestHost.start(SETTINGS);
    const client = await host.connect();
    const other = await host.connect();
    const session = await client.open();
    await client.show(session, 0);
    await session.event('session.ready');
    const go = join(host.folder, 'go');
    await printAndExit(client, session, `until [ -e ${go} ]; do sleep 0.05; done`);
    client.cut();
    writeFileSync(go, '');
    await expect.poll(() => stateOf(other)).toBe('Exited');
    await expect.poll(emulators).toBe(0);
    await client.relink();
    await client.resume();
    const { at } = await session.event('session.exited');
    await session.until(() => session.receiver.received === at);
    expect(session.output).toContain(LAST_LINE);
    await expect.poll(() => outputFiles(host)).toEqual([]);
  });

  test('keeps nothing of what nobody can be shown any more', async () => {
    await using host = await TestHost.start(SETTINGS);
    const client = await host.connect();
    const session = await client.open();
    await session.event('session.ready');
    await printAndExit(client, session);
    await client.link.request('session.detach', { instanceId: session.instanceId, channel: session.channel });
    await expect.poll(emulators).toBe(0);
    await expect.poll(() => outputFiles(host)).toEqual([]);
    await expect.poll(() => stateOf(client)).toBe('Exited');
  });

  test('keeps its screen for one who watches, also over a new link, until they go', async () => {
    await using host = await TestHost.start(SETTINGS);
    const client = await host.connect();
    const watcher = await host.connect();
    const session = await client.open();
    await session.event('session.ready');
    const watched = await watch(watcher, session.instanceId);
    await watcher.show(watched);
    watcher.cut();
    await printAndExit(client, session);
    await session.event('session.exited');
    await watcher.relink();
    await watcher.resume();
    const theirs = new WatcherTerminal(watched);
    await theirs.until((rows) => rows.includes(LAST_LINE));
    expect(emulators()).toBe(2);
    await watcher.link.request('session.unwatch', { channel: watched.channel });
    await client.link.request('session.detach', { instanceId: session.instanceId, channel: session.channel });
    await expect.poll(emulators).toBe(1);
    expect(await theirs.rows()).toContain(LAST_LINE);
  });
});
