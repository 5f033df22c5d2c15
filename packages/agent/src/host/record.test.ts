import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { CallerStamp, RecordedEvent } from '@holdfast/protocol';
import { describe, expect, test } from 'vitest';
import { needProgram } from '../../../../test/support/need-program.ts';
import { readConfig } from '../config.ts';
import { testEnvironment, type HostClient, type TestChannel } from '../testing/host-client.ts';
import { TestHost } from '../testing/test-host.ts';

const own = userInfo().username;

async function eventsOf(client: HostClient, filter: object = {}): Promise<RecordedEvent[]> {
  return (await client.link.request('events.list', { limit: 500, ...filter })).events;
}

async function openShell(client: HostClient, name = 'work'): Promise<TestChannel & { instanceId: string }> {
  const session = await client.open({ name, environment: { ...testEnvironment(), HISTFILE: '/dev/null' } });
  await client.show(session);
  await session.event('session.ready');
  return session;
}

/** All bytes of all files in a folder. */
function allBytes(folder: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return files
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n');
}

describe('the record of a session host', () => {
  test('says who opened, ran, took, left and stopped, and how it ended', async () => {
    await using host = await TestHost.start();
    const desk = await host.connect(undefined, 'desk');
    const session = await openShell(desk);
    await desk.run(session, 'false');
    const laptop = await host.connect({ user: own, roles: ['owner'], key: 'SHA256:k', address: '192.0.2.9' }, 'laptop');
    const taken = laptop.newChannel();
    await laptop.link.request('session.connect', {
      channel: taken.channel,
      instanceId: session.instanceId,
      force: true,
    });
    await laptop.link.request('session.detach', { instanceId: session.instanceId });
    await laptop.link.request('session.stop', { instanceId: session.instanceId });
    const events = await eventsOf(desk);
    expect(events).toMatchObject([
      {
        type: 'session.opened',
        user: own,
        client: 'desk',
        key: 'local',
        sessionId: 1,
        name: 'work',
        detail: 'default',
      },
      { type: 'command.started', client: 'desk', text: 'false', sessionId: 1 },
      { type: 'command.ended', status: 1, durationMs: expect.any(Number) },
      { type: 'session.taken', client: 'laptop', key: 'SHA256:k', address: '192.0.2.9', detail: 'from desk at local' },
      { type: 'session.disconnected', client: 'laptop' },
      { type: 'session.stopped', client: 'laptop' },
      { type: 'session.exited', sessionId: 1 },
    ]);
    expect(events[2]?.commandId).toBe(events[1]?.commandId);
    expect(events.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await eventsOf(desk, { types: ['command'], after: 2 })).toMatchObject([{ type: 'command.ended' }]);
    expect(await eventsOf(desk, { instanceId: session.instanceId, since: Date.now() + 60_000 })).toEqual([]);
  });

  test('a request that is asked twice is recorded once, and one that is refused says so', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await openShell(client);
    const { channel } = session;
    const commandId = randomUUID();
    const ask = (id: string, text: string) => client.link.request('command.run', { channel, commandId: id, text });
    await ask(commandId, 'sleep 60');
    await ask(commandId, 'sleep 60');
    await expect(ask(randomUUID(), 'echo too early')).rejects.toMatchObject({ id: 'SessionBusy' });
    expect(await eventsOf(client, { types: ['command'] })).toMatchObject([
      { type: 'command.started', commandId, text: 'sleep 60' },
      { type: 'command.started', text: 'echo too early' },
      { type: 'command.refused', detail: expect.any(String) },
    ]);
  });

  test('says what ran apart from sessions, and that nobody came back or came in time', async () => {
    await using host = await TestHost.start({ graceMs: 50, minIdleTimeoutMs: 10 });
    const client = await host.connect();
    const channels = [client.newChannel(), client.newChannel()] as const;
    const execId = randomUUID();
    const [channel, errorChannel] = [channels[0].channel, channels[1].channel];
    const start = { channel, errorChannel, execId, text: 'exit 3', environment: testEnvironment(), limit: 65_536 };
    await client.link.request('exec.start', start);
    await channels[0].event('exec.ended');
    const session = await openShell(client);
    await client.link.request('session.detach', { instanceId: session.instanceId, idleTimeoutMs: 60_000 });
    const leaver = await host.connect(undefined, 'leaver');
    const held = leaver.newChannel();
    const { instanceId } = session;
    const connect = { channel: held.channel, instanceId, force: false };
    held.attachment = (await leaver.link.request('session.connect', connect)).attachment;
    leaver.cut();
    const types = async () => (await eventsOf(client)).map(({ type, detail }) => `${type} ${detail ?? ''}`.trim());
    await expect.poll(types, { timeout: 20_000 }).toContain('session.disconnected leaver did not come back');
    await leaver.relink();
    expect(await leaver.resume()).toMatchObject([{ session: { holder: { client: 'leaver' } } }]);
    expect((await eventsOf(client)).at(-1)).toMatchObject({ type: 'session.connected', client: 'leaver' });
    await client.link.request('session.detach', { instanceId, idleTimeoutMs: 10 });
    await expect.poll(types, { timeout: 20_000 }).toContain('session.exited');
    const events = await eventsOf(client);
    expect(events.slice(0, 2)).toMatchObject([
      { type: 'exec.started', commandId: execId, text: 'exit 3' },
      { type: 'exec.ended', commandId: execId, status: 3 },
    ]);
    expect(events.map(({ type }) => type).slice(-2)).toEqual(['session.expired', 'session.exited']);
  });

  test('never holds what was typed while echo was off, nor what came of it', async () => {
    needProgram('python3');
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await openShell(client);
    const { channel } = session;
    const secrets = ['read-s-secret-1', 'getpass-secret-2', 'stty-secret-3', 'ahead-secret-4', 'rest-secret-5'];
    const begin = async (text: string): Promise<string> => {
      const commandId = randomUUID();
      await client.link.request('command.run', { channel, commandId, text });
      return commandId;
    };
    const done = (commandId: string) => session.event('command.ready', (event) => event.commandId === commandId);
    const asked = (prompt: string) => session.until(() => session.output.includes(prompt));

    const read = await begin("read -rsp 'one: ' answer; unset answer");
    await asked('\x07one: ');
    session.write(`${secrets[0]}\n`);
    await done(read);
    const getpass = await begin('python3 -c "import getpass; getpass.getpass(\'two: \')"');
    await asked('\x07two: ');
    session.write(`${secrets[1]}\n`);
    await done(getpass);
    const asking = await begin("stty -echo; printf 'three: '; head -n 1 >/dev/null; stty echo");
    await asked('\x07three: ');
    session.write(`${secrets[2]}\n`);
    await done(asking);
    // The program that asks ends before it is typed at: the keys come back at the prompt, a line and a rest.
    const gone = await begin("stty -echo; printf 'four: '; sleep 0.3; stty echo");
    await asked('\x07four: ');
    session.write(`${secrets[3]}\n${secrets[4]}`);
    const { typeahead } = await done(gone);
    expect(typeahead.replaceAll('\r', '\n')).toBe(`${secrets[3]}\n${secrets[4]}`);
    // As the client does with it: whole lines run, the rest is completed by hand; later it comes back from the history.
    await done(await begin(secrets[3] ?? ''));
    await done(await begin(`: ${secrets[4]}`));
    await done(await begin('echo visible'));
    await done(await begin(`: ${secrets[3]}`));

    const commands = await eventsOf(client, { types: ['command.started'] });
    expect(commands).toHaveLength(8);
    expect(commands[6]).toMatchObject({ text: 'echo visible' });
    for (const hidden of [4, 5, 7]) {
      expect(commands[hidden]?.text).toBeUndefined();
      expect(commands[hidden]?.detail).toMatch(/typed ahead/);
    }
    const kept = allBytes(join(host.folder, 'journal')) + readFileSync(join(host.folder, 'record.db'), 'latin1');
    const wal = readdirSync(host.folder).filter((name) => name.startsWith('record.db'));
    const everything = kept + wal.map((name) => readFileSync(join(host.folder, name), 'latin1')).join('');
    expect(everything).toContain('echo visible');
    for (const secret of secrets) expect(everything + host.log.join('\n')).not.toContain(secret);
  });

  test('[record] commands = "none" keeps texts out, not that there was a command', async () => {
    const config = readConfig(undefined);
    await using host = await TestHost.start(
      {},
      { config: { ...config, record: { ...config.record, commands: 'none' } } },
    );
    const client = await host.connect();
    const session = await openShell(client);
    await client.run(session, 'echo private-text');
    const events = await eventsOf(client, { types: ['command'] });
    expect(events[0]?.text).toBeUndefined();
    expect(events).toMatchObject([
      { type: 'command.started', detail: expect.stringMatching(/not recorded/) },
      { type: 'command.ended', status: 0 },
    ]);
    expect(allBytes(join(host.folder, 'journal'))).not.toContain('private-text');
  });

  test('an administrator who stops a session is named, and another user reads nothing', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await openShell(client);
    const caller = (roles: CallerStamp['roles']): CallerStamp => ({ user: 'somebody', roles, key: 'k', address: 'a' });
    const administrator = await host.connect(caller(['owner', 'administrator']), 'console');
    await administrator.link.request('session.stop', { instanceId: session.instanceId });
    const [stopped] = await eventsOf(client, { types: ['session.stopped'] });
    expect(stopped).toMatchObject({ user: own, actor: 'somebody', client: 'console' });
    const stranger = await host.connect(caller(['owner']));
    await expect(stranger.link.request('journal.read', { after: {} })).rejects.toMatchObject({ id: 'AccessDenied' });
    await expect(eventsOf(stranger)).rejects.toMatchObject({ id: 'AccessDenied' });
    await expect(eventsOf(client, { user: 'somebody' })).rejects.toMatchObject({ id: 'AccessDenied' });
  });

  test("a gateway that has read the journal is told when there is more, and other hosts' journals are in it", async () => {
    await using host = await TestHost.start();
    const gateway = await host.connect();
    const client = await host.connect();
    expect(await gateway.link.request('journal.read', { after: {} })).toEqual({ journals: [], more: false });
    const { promise: grew, resolve } = Promise.withResolvers<void>();
    gateway.onConnectionEvent = (event) => event.type === 'journal.grew' && resolve();
    await openShell(client);
    await grew;
    const { journals } = await gateway.link.request('journal.read', { after: {} });
    expect(journals).toMatchObject([{ events: [{ number: 1, type: 'session.opened' }] }]);
  });
});
