import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { RemotingError, type SessionInfo } from '@holdfast/protocol';
import { describe, expect, test } from 'vitest';
import { LOCAL_CALLER, type HostClient, type TestChannel } from '../testing/host-client.ts';
import { TestHost } from '../testing/test-host.ts';
import { WatcherTerminal, keyboard, watch } from '../testing/watcher.ts';

const POLL_MS = 20_000;

type Opened = { client: HostClient; session: TestChannel & { instanceId: string } };

/** A session whose holder looks. */
async function opened(host: TestHost, name = 'ann@laptop'): Promise<Opened> {
  const client = await host.connect(undefined, name);
  const session = await client.open();
  await client.show(session, undefined, { stays: true });
  await session.event('session.ready');
  return { client, session };
}

async function infoOf(client: HostClient): Promise<SessionInfo | undefined> {
  return (await client.link.request('session.list', {})).sessions[0];
}

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const reason: unknown = await promise.catch((error: unknown) => error);
  return reason instanceof RemotingError ? reason.id : `not refused: ${String(reason)}`;
}

/** Who has the keyboard, as the last event told a channel. */
function typist(channel: TestChannel): string | undefined {
  const told = channel.events.findLast(({ type }) => type === 'session.attachments');
  if (told?.type !== 'session.attachments') return undefined;
  return told.attachments.find(({ role }) => role === 'keyboard')?.client ?? 'nobody';
}

/** A program that keeps what it reads in a file, byte for byte. */
function readInto(file: string): string {
  return `stty raw -echo; printf '<reads>'; exec cat >${file}`;
}

async function reading({ client, session }: Opened, file: string): Promise<void> {
  const run = { channel: session.channel, commandId: randomUUID(), text: readInto(file) };
  await client.link.request('command.run', run);
  await session.until(() => session.output.endsWith('<reads>'));
}

describe('a watcher', () => {
  test('sees the screen, its commands and who types; the typist is told who watches', async () => {
    await using host = await TestHost.start();
    const { client, session } = await opened(host);
    await client.run(session, 'echo before');
    const other = await host.connect(undefined, 'bob@desk');
    const watcher = await watch(other, session.instanceId);
    await other.show(watcher);
    const terminal = new WatcherTerminal(watcher);
    await terminal.until((rows) => rows.some((row) => row.endsWith('echo before')) && rows.includes('before'));
    await client.run(session, "printf '\\e[31mred\\e[m after\\n'");
    await terminal.until((rows) => rows.includes('red after'));
    await watcher.event('command.ended');
    expect((await infoOf(other))?.attachments).toMatchObject([
      { number: 1, client: 'ann@laptop', user: LOCAL_CALLER.user, role: 'keyboard', linked: true },
      { number: 2, client: 'bob@desk', role: 'watching' },
    ]);
    expect(watcher.attachment?.number).toBe(2);
    expect(typist(session)).toBe('ann@laptop');
    await other.link.request('session.unwatch', { channel: watcher.channel });
    await session.event('session.attachments', ({ attachments }) => attachments.length === 1);
    expect((await infoOf(client))?.attachments).toHaveLength(1);
  });

  test('types nothing, runs nothing and interrupts nothing, and is told so', async () => {
    await using host = await TestHost.start();
    const holder = await opened(host);
    const file = join(host.folder, 'read');
    await reading(holder, file);
    const other = await host.connect();
    const watcher = await watch(other, holder.session.instanceId);
    await other.show(watcher);
    watcher.write('X'.repeat(30_000));
    await watcher.until(() => watcher.refused.length > 0);
    const { channel } = watcher;
    const run = { channel, commandId: randomUUID(), text: 'touch /tmp/never' };
    expect(await refusalOf(other.link.request('command.run', run))).toBe('KeyboardNotHeld');
    expect(await refusalOf(other.link.request('session.interrupt', { channel }))).toBe('KeyboardNotHeld');
    expect(await refusalOf(other.link.request('command.complete', { channel, line: '', point: 0 }))).toBe(
      'KeyboardNotHeld',
    );
    holder.session.write('holder');
    await expect.poll(() => readFileSync(file, 'latin1'), { timeout: POLL_MS }).toBe('holder');
    expect(watcher.refused).toEqual([[0, 30_000]]);
  });

  test('that reads nothing holds up nobody, and goes on with the screen as it is then', async () => {
    await using host = await TestHost.start();
    const { client, session } = await opened(host);
    const other = await host.connect();
    const watcher = await watch(other, session.instanceId);
    await other.show(watcher);
    watcher.consuming = false;
    const before = watcher.snapshots;
    await client.run(session, 'seq 200000; echo the end');
    await session.until(() => session.output.includes('200000\r\nthe end'));
    expect(watcher.snapshots - before).toBeLessThanOrEqual(1);
    expect((await infoOf(client))?.delivered).toBeGreaterThan(1_000_000);
    watcher.consuming = true;
    watcher.receiver.acknowledgeNow();
    const rows = await new WatcherTerminal(watcher).until((shown) => shown.includes('the end'));
    expect(rows).toContain('200000');
  });

  test('delivers nothing: what the holder was not shown waits for it', async () => {
    await using host = await TestHost.start();
    const { client, session } = await opened(host);
    const other = await host.connect();
    const watcher = await watch(other, session.instanceId);
    await other.show(watcher);
    session.consuming = false;
    const { delivered = 0 } = (await infoOf(client)) ?? {};
    const run = { channel: session.channel, commandId: randomUUID(), text: 'seq 1000; echo the end' };
    await client.link.request('command.run', run);
    await new WatcherTerminal(watcher).until((rows) => rows.includes('the end'));
    expect((await infoOf(other))?.delivered).toBe(delivered);
  });

  test('goes on over another link with the whole screen; without one it is gone after the grace time', async () => {
    await using host = await TestHost.start({ graceMs: 150 });
    const { client, session } = await opened(host);
    const other = await host.connect();
    const watcher = await watch(other, session.instanceId);
    await other.show(watcher);
    other.cut();
    await client.run(session, 'echo meanwhile');
    await other.relink();
    const { snapshots } = watcher;
    const [resumed] = await other.resume();
    expect(resumed?.error).toBeUndefined();
    await watcher.until(() => watcher.snapshots > snapshots);
    await new WatcherTerminal(watcher).until((rows) => rows.includes('meanwhile'));
    await watcher.event('command.ended');
    other.cut();
    await session.event('session.attachments', ({ attachments }) => attachments.length === 1);
    await other.relink();
    expect((await other.resume())[0]?.error?.error).toBe('AttachmentLost');
  });

  test('keeps no session from its idle time-out', async () => {
    await using host = await TestHost.start({ minIdleTimeoutMs: 0 });
    const client = await host.connect();
    const session = await client.open({ idleTimeoutMs: 300 });
    const other = await host.connect();
    const watcher = await watch(other, session.instanceId);
    await other.show(watcher);
    await client.link.request('session.detach', { instanceId: session.instanceId, channel: session.channel });
    expect(await infoOf(other)).toMatchObject({ expiresAt: expect.any(Number), attachments: [{ role: 'watching' }] });
    await watcher.event('session.exited');
  });

  test('is not let in by the name of another user, who cannot go on with its attachment either', async () => {
    await using host = await TestHost.start();
    const { client, session } = await opened(host);
    const stranger = await host.connect({ ...LOCAL_CALLER, user: 'nobody' });
    expect(await refusalOf(watch(stranger, session.instanceId))).toBe('SessionNotFound');
    const { attachmentId = '', incarnation = '' } = session.attachment ?? {};
    Object.assign(stranger, { clientId: client.clientId });
    await stranger.relink();
    const entry = { channel: 1, attachmentId, incarnation, receivedTo: 0, limit: 0, eventsTo: 0 };
    const { channels } = await stranger.link.request('connection.resume', { channels: [entry] });
    expect(channels[0]?.error?.error).toBe('AttachmentLost');
  });
});

describe('the keyboard', () => {
  test('goes from one to another: every byte of the holder arrives once, none of a watcher', async () => {
    await using host = await TestHost.start();
    const holder = await opened(host, 'client 0');
    const file = join(host.folder, 'read');
    await reading(holder, file);
    const others = await Promise.all([1, 2].map((at) => host.connect(undefined, `client ${at}`)));
    const typists = [{ client: holder.client, channel: holder.session as TestChannel }];
    for (const client of others) typists.push({ client, channel: await watch(client, holder.session.instanceId) });
    for (const { client, channel } of typists.slice(1)) await client.show(channel);
    let expected = '';
    for (let turn = 0; turn < 30; turn += 1) {
      const now = typists[turn % 3];
      const next = typists[(turn + 1) % 3];
      if (now === undefined || next === undefined) throw new Error('No typist');
      const at = now.channel.input.start;
      // Noise of those who watch, keys of the holder, and some more that the hand-over overtakes.
      next.channel.write('watcher');
      await next.channel.until(() => next.channel.refused.length > 0);
      const typed = randomBytes(1500).toString('hex');
      now.channel.write(typed.slice(0, 1000));
      // In every other turn all of it may be overtaken.
      if (turn % 2 === 0) await now.channel.until(() => now.channel.input.start >= at + 1000);
      if (turn % 4 === 1) now.client.cut();
      now.channel.write(typed.slice(1000));
      const taken = await keyboard(next.client, next.channel, 'take');
      if (turn % 4 === 1) {
        await now.client.relink();
        await now.client.resume();
      }
      await now.channel.until(() => typist(now.channel) === `client ${(turn + 1) % 3}`);
      // What is confirmed now was given to the program; the rest is nobody's.
      expected += typed.slice(0, now.channel.input.start - at);
      now.channel.input.truncate(now.channel.input.start);
      next.channel.input.truncate(taken.attachment.inputReceived);
      next.channel.refused.splice(0);
      await next.client.show(next.channel, undefined, { stays: true });
      await now.client.show(now.channel);
    }
    const last = typists[0]?.channel;
    last?.write('the end');
    await expect.poll(() => readFileSync(file, 'latin1') === `${expected}the end`, { timeout: POLL_MS }).toBe(true);
    expect(expected.length).toBeGreaterThan(10_000);
  });

  test('is taken once, however often it is asked for', async () => {
    await using host = await TestHost.start();
    const { client, session } = await opened(host, 'ann');
    const other = await host.connect(undefined, 'bob');
    const watcher = await watch(other, session.instanceId);
    const request = { channel: watcher.channel, act: 'take' as const, keyboardId: randomUUID() };
    await other.link.request('session.keyboard', request);
    await other.show(watcher, undefined, { stays: true });
    await keyboard(client, session, 'take');
    await other.link.request('session.keyboard', request);
    expect((await infoOf(client))?.holder?.client).toBe('ann');
  });

  test('ends the attachment of a holder who is not to watch, as force does', async () => {
    await using host = await TestHost.start();
    const { client, session } = await opened(host);
    await client.show(session);
    const other = await host.connect(undefined, 'bob');
    const watcher = await watch(other, session.instanceId);
    await keyboard(other, watcher, 'take');
    expect(await session.event('session.taken')).toMatchObject({ client: 'bob' });
    const third = await host.connect(undefined, 'cid');
    const looker = await watch(third, session.instanceId);
    const taken = third.newChannel();
    await third.link.request('session.connect', {
      channel: taken.channel,
      instanceId: session.instanceId,
      force: true,
    });
    await watcher.event('session.taken');
    await looker.until(() => typist(looker) === 'cid');
    expect(looker.events.map(({ type }) => type)).not.toContain('session.taken');
  });

  test('given back is nobody’s: the session is Disconnected, and its idle clock runs', async () => {
    await using host = await TestHost.start();
    const { client, session } = await opened(host);
    await keyboard(client, session, 'give');
    const { session: info } = await keyboard(client, session, 'give');
    expect(info).toMatchObject({ disconnectedAt: expect.any(Number), attachments: [{ role: 'watching' }] });
    expect(info.holder).toBeUndefined();
    await keyboard(client, session, 'take');
    await client.show(session);
    await client.run(session, 'echo mine again');
  });

  test('a command that was accepted before it went is answered again, and does not run again', async () => {
    await using host = await TestHost.start();
    const { client, session } = await opened(host);
    const other = await host.connect();
    const watcher = await watch(other, session.instanceId);
    const run = { channel: session.channel, commandId: randomUUID(), text: 'echo x >> $HOLDFAST_INSTANCE_ID; read' };
    await client.link.request('command.run', { ...run, text: `cd ${host.folder}; ${run.text}` });
    await keyboard(other, watcher, 'take');
    expect(await client.link.request('command.run', run)).toMatchObject({ accepted: true });
    await other.show(watcher);
    watcher.write('\n');
    await watcher.event('command.ended');
    expect(readFileSync(join(host.folder, session.instanceId), 'utf8')).toBe('x\n');
  });

  test('a question is answered by its terminal only, whoever watches', async () => {
    await using host = await TestHost.start();
    const { client, session } = await opened(host);
    const other = await host.connect();
    const watcher = await watch(other, session.instanceId);
    await other.show(watcher);
    const terminal = new WatcherTerminal(watcher);
    const text = `stty raw -echo; printf '\\e[c\\e[6n\\a\\e]52;c;YWJj\\a'; head -c 5 >/dev/null; echo asked`;
    await client.link.request('command.run', { channel: session.channel, commandId: randomUUID(), text });
    await session.until(() => session.output.includes('\x1b[6n'));
    session.write('\x1b[?6c');
    await terminal.until((rows) => rows.some((row) => row.includes('asked')));
    expect([terminal.viewer.typed, terminal.viewer.noise]).toEqual(['', []]);
  });
});

describe('the size', () => {
  const sizes = {
    desk: { columns: 200, rows: 50 },
    laptop: { columns: 120, rows: 60 },
    phone: { columns: 40, rows: 12 },
  };

  async function sizeIs(client: HostClient, columns: number, rows: number): Promise<void> {
    expect(await infoOf(client)).toMatchObject({ columns, rows });
  }

  test('is the smallest of those who look and take part, whoever types', async () => {
    await using host = await TestHost.start();
    const { client, session } = await opened(host);
    await client.show(session, undefined, { ...sizes.desk, stays: true });
    const other = await host.connect();
    const laptop = await watch(other, session.instanceId, true);
    await sizeIs(client, 200, 50);
    await other.show(laptop, undefined, sizes.laptop);
    await sizeIs(client, 120, 50);
    const third = await host.connect();
    const phone = await watch(third, session.instanceId);
    await third.show(phone, undefined, sizes.phone);
    await keyboard(third, phone, 'take');
    await third.show(phone, undefined, sizes.phone);
    await sizeIs(client, 120, 50);
    await client.show(session, undefined, sizes.desk);
    await other.link.request('session.unwatch', { channel: laptop.channel });
    await sizeIs(client, 200, 50);
    await client.link.request('session.unwatch', { channel: session.channel });
    // Nobody else looks: who types has it as large as it is shown.
    await sizeIs(client, 40, 12);
  });

  test('no two sizes follow each other when the keyboard goes to and fro', async () => {
    await using host = await TestHost.start();
    const { client, session } = await opened(host);
    await client.show(session, undefined, { ...sizes.desk, stays: true });
    const other = await host.connect();
    const phone = await watch(other, session.instanceId);
    await other.show(phone, undefined, sizes.phone);
    const before = session.events.filter(({ type }) => type === 'session.resized').length;
    for (let turn = 0; turn < 5; turn += 1) {
      await keyboard(other, phone, 'take');
      await other.show(phone, undefined, { ...sizes.phone, stays: true });
      await client.show(session, undefined, sizes.desk);
      await keyboard(client, session, 'take');
      await client.show(session, undefined, { ...sizes.desk, stays: true });
      await other.show(phone, undefined, sizes.phone);
    }
    expect(session.events.filter(({ type }) => type === 'session.resized')).toHaveLength(before);
    await sizeIs(client, 200, 50);
  });

  test('a smaller watcher sees the part around the cursor, a larger one the edge', async () => {
    await using host = await TestHost.start();
    const { client, session } = await opened(host);
    const phone = await host.connect();
    const small = await watch(phone, session.instanceId);
    await phone.show(small, undefined, sizes.phone);
    const desk = await host.connect();
    const large = await watch(desk, session.instanceId);
    await desk.show(large, undefined, sizes.desk);
    await client.run(session, "clear; printf '%0100d' 0; seq 20; printf '\\e[24;70Hcorner'");
    await new WatcherTerminal(small, sizes.phone).until((rows) => rows.some((row) => row.includes('corner')));
    const rows = await new WatcherTerminal(large, sizes.desk).until((shown) => shown[23]?.includes('corner') === true);
    expect(rows[0]?.slice(78)).toBe('00│');
    expect(rows[24]).toBe(`${'─'.repeat(80)}┘`);
    expect(rows.slice(25).join('')).toBe('');
    // Another size of the watcher's own terminal changes its part only.
    await phone.link.request('session.resize', { channel: small.channel, columns: 30, rows: 5 });
    await sizeIs(client, 80, 24);
  });
});
