import { randomUUID } from 'node:crypto';
import { RemotingError, type Link } from '@holdfast/protocol';
import { describe, expect, test } from 'vitest';
import type { HostClient, TestChannel } from '../testing/host-client.ts';
import { TestHost } from '../testing/test-host.ts';

async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.catch((reason: unknown) => reason);
  return error instanceof RemotingError ? error.id : `Not refused: ${JSON.stringify(error)}`;
}

async function start(client: HostClient, session: TestChannel, text: string): Promise<string> {
  const commandId = randomUUID();
  await client.link.request('command.run', { channel: session.channel, commandId, text });
  return commandId;
}

/** Starts a program and waits for it: an interrupt that comes between a command's and its program's start is lost to bash. */
async function startProgram(client: HostClient, session: TestChannel): Promise<string> {
  const before = session.output.length;
  const commandId = await start(client, session, `sh -c 'echo go; exec sleep 60'`);
  await session.until(() => session.output.includes('go\r\n', before));
  return commandId;
}

function endOf(session: TestChannel, commandId: string) {
  return session.event('command.ended', (event) => event.commandId === commandId);
}

/** A session that has begun and that nobody holds, and a channel to connect it on. */
async function freeSession(client: HostClient): Promise<{ instanceId: string; channel: TestChannel }> {
  const made = await client.open();
  const { instanceId } = made;
  await made.event('session.ready');
  await client.link.request('session.detach', { instanceId });
  return { instanceId, channel: client.newChannel() };
}

async function holderOf(client: HostClient, instanceId: string) {
  const { sessions } = await client.link.request('session.list', {});
  return sessions.find((session) => session.instanceId === instanceId)?.holder;
}

describe('an interrupt', () => {
  test('that is asked for again over a new link leaves the next command alone, and is answered as before', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await client.show(session);
    await session.event('session.ready');
    const first = await startProgram(client, session);
    const interrupt = { channel: session.channel, interruptId: randomUUID() };
    const answer = await client.link.request('session.interrupt', interrupt);
    expect(await endOf(session, first)).toMatchObject({ status: 130 });
    await session.event('command.ready', (event) => event.commandId === first);
    client.cut();
    await client.relink();
    await client.resume(1);
    const second = await start(client, session, 'read line; echo "got $line"');
    session.write('kept\n');
    expect(await client.link.request('session.interrupt', interrupt)).toEqual(answer);
    expect(await endOf(session, second)).toMatchObject({ status: 0 });
    await session.until(() => session.output.includes('got kept'));
  });

  test('under another id is another one', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await client.show(session);
    await session.event('session.ready');
    for (let round = 0; round < 2; round += 1) {
      const command = await startProgram(client, session);
      await client.link.request('session.interrupt', { channel: session.channel, interruptId: randomUUID() });
      expect(await endOf(session, command)).toMatchObject({ status: 130 });
      await session.event('command.ready', (event) => event.commandId === command);
    }
  });

  test('that comes late over an old link hits nothing', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await session.event('session.ready');
    const old = client.link;
    await client.relink();
    await client.resume(1);
    const command = await start(client, session, 'read line');
    const late = old.request('session.interrupt', { channel: session.channel, interruptId: randomUUID() });
    expect(await refusal(late)).toBe('AttachmentLost');
    session.write('\n');
    expect(await endOf(session, command)).toMatchObject({ status: 0 });
  });
});

describe('a connect', () => {
  test('that comes late over an old link does not take the session from the newer one', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const { instanceId, channel } = await freeSession(client);
    const asked = { channel: channel.channel, instanceId, force: false, connectId: randomUUID() };
    const old = client.link;
    await client.relink();
    channel.link = client.link;
    const { attachment } = await client.link.request('session.connect', { ...asked, attempt: 1 });
    for (const force of [false, true]) {
      expect(await refusal(old.request('session.connect', { ...asked, force, attempt: 0 }))).toBe('ConnectionLost');
    }
    expect(await client.run(channel, 'true')).toMatchObject({ status: 0 });
    expect(channel.events.map(({ type }) => type)).not.toContain('session.taken');

    await client.link.request('session.detach', { instanceId });
    expect(await refusal(old.request('session.connect', { ...asked, attempt: 0 }))).toBe('ConnectionLost');
    expect(await holderOf(client, instanceId)).toBeUndefined();
    const again = await client.link.request('session.connect', { ...asked, connectId: randomUUID(), attempt: 1 });
    expect(again.attachment.attachmentId).not.toBe(attachment.attachmentId);
  });

  test('that is asked for again over a newer link gives the same attachment, from its beginning', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const { instanceId, channel } = await freeSession(client);
    const asked = { channel: channel.channel, instanceId, force: false, connectId: randomUUID() };
    const first = await client.link.request('session.connect', { ...asked, attempt: 0 });
    expect(first.session.eventsTo).toBeGreaterThan(0);
    client.cut();
    await client.relink();
    channel.link = client.link;
    channel.events.length = 0;
    const second = await client.link.request('session.connect', { ...asked, attempt: 1 });
    expect(second.attachment).toEqual(first.attachment);
    channel.attachment = second.attachment;
    await client.run(channel, 'true');
    expect(Math.min(...channel.events.map(({ seq }) => seq))).toBe(first.session.eventsTo + 1);
  });

  test('by force that is asked for again does not take the session back', async () => {
    await using host = await TestHost.start();
    const one = await host.connect();
    const two = await host.connect();
    const { instanceId, channel } = await freeSession(one);
    const asked = { channel: channel.channel, instanceId, force: true, connectId: randomUUID() };
    await one.link.request('session.connect', { ...asked, attempt: 0 });
    const theirs = { channel: two.newChannel().channel, instanceId, force: true };
    await two.link.request('session.connect', theirs);
    one.cut();
    await one.relink();
    expect(await refusal(one.link.request('session.connect', { ...asked, attempt: 1 }))).toBe('SessionTaken');
    expect(await holderOf(two, instanceId)).toMatchObject({ clientId: two.clientId });
  });

  test('of another connection of the same client counts for itself', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const { instanceId, channel } = await freeSession(client);
    const asked = { channel: channel.channel, instanceId, force: false };
    await client.link.request('session.connect', { ...asked, connectId: randomUUID(), attempt: 7 });
    await client.relink();
    const other = { ...asked, connectId: randomUUID(), attempt: 0 };
    expect((await client.link.request('session.connect', other)).session.holder).toMatchObject({ linked: true });
  });
});

describe('what comes late over an old link', () => {
  async function twoLinks(host: TestHost): Promise<{ client: HostClient; old: Link }> {
    const client = await host.connect();
    const old = client.link;
    await client.relink();
    return { client, old };
  }

  test('an open leaves the session where it is', async () => {
    await using host = await TestHost.start();
    const { client, old } = await twoLinks(host);
    const openId = randomUUID();
    const session = await client.open({ openId, attempt: 1 });
    const { channel } = session;
    const late = { channel, openId, columns: 80, rows: 24, environment: {}, temporary: false, attempt: 0 };
    expect(await refusal(old.request('session.open', late))).toBe('ConnectionLost');
    await session.event('session.ready');
    expect(await client.run(session, 'true')).toMatchObject({ status: 0 });
  });

  test('a detach, stop or update leaves a session alone that a newer link or another client holds', async () => {
    await using host = await TestHost.start();
    const { client, old } = await twoLinks(host);
    const { instanceId, channel } = await freeSession(client);
    const asked = { channel: channel.channel, instanceId, force: true };
    const everyRequest = async (): Promise<void> => {
      const late = { instanceId, channel: channel.channel };
      expect(await refusal(old.request('session.detach', late))).toBe('AttachmentLost');
      expect(await refusal(old.request('session.stop', late))).toBe('AttachmentLost');
      expect(await refusal(old.request('session.update', { ...late, name: 'late' }))).toBe('AttachmentLost');
    };
    const { session } = await client.link.request('session.connect', asked);
    await everyRequest();
    const other = await host.connect();
    const theirs = { channel: other.newChannel().channel, instanceId, force: true };
    await other.link.request('session.connect', theirs);
    await everyRequest();
    const { sessions } = await client.link.request('session.list', {});
    expect(sessions).toMatchObject([{ instanceId, name: session.name, state: 'Running' }]);
    expect(sessions[0]?.holder).toMatchObject({ clientId: other.clientId });
  });

  test('a detach whose answer was lost, and an update before the channel goes on, are done over the new link', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await session.event('session.ready');
    const held = { instanceId: session.instanceId, channel: session.channel };
    client.cut();
    await client.relink();
    expect((await client.link.request('session.update', { ...held, name: 'anew' })).session.name).toBe('anew');
    await client.resume(1);
    for (let round = 0; round < 2; round += 1) {
      expect((await client.link.request('session.detach', held)).session.holder).toBeUndefined();
    }
    expect((await client.link.request('session.stop', held)).session.state).toBe('Exited');
  });

  test('a one-shot leaves its output where it is', async () => {
    await using host = await TestHost.start();
    const { client, old } = await twoLinks(host);
    const [out, err] = [client.newChannel(), client.newChannel()];
    const channels = { channel: out.channel, errorChannel: err.channel };
    const request = { ...channels, execId: randomUUID(), text: 'read line; echo "got $line"', environment: {} };
    await client.link.request('exec.start', { ...request, limit: 4096, attempt: 1 });
    expect(await refusal(old.request('exec.start', { ...request, limit: 4096, attempt: 0 }))).toBe('ConnectionLost');
    out.write('it\n');
    expect(await out.event('exec.ended')).toMatchObject({ status: 0 });
    await out.until(() => out.output === 'got it\n');
  });
});
