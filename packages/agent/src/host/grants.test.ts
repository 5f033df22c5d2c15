import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RemotingError, type CallerStamp, type ReplyOf, type RequestOf } from '@holdfast/protocol';
import { describe, expect, test } from 'vitest';
import { LOCAL_CALLER, type HostClient, type TestChannel } from '../testing/host-client.ts';
import { HangingProgram } from '../testing/hanging-program.ts';
import { TestHost } from '../testing/test-host.ts';
import { WatcherTerminal, keyboard, watch } from '../testing/watcher.ts';

const OWNER: CallerStamp = { ...LOCAL_CALLER, key: 'SHA256:own', address: '192.0.2.1' };
/** An account of every Unix machine, which no test is run as. */
const GUEST: CallerStamp = { ...OWNER, user: 'daemon', key: 'SHA256:guest', address: '192.0.2.7' };

type Session = TestChannel & { instanceId: string };
type Scene = { host: TestHost; owner: HostClient; session: Session; guest: HostClient };

/** A session that its owner looks at, and another user's client. */
async function scene(host: TestHost): Promise<Scene> {
  const owner = await host.connect(OWNER, 'ann@laptop');
  const session = await owner.open({ name: 'work' });
  await owner.show(session, undefined, { stays: true });
  await session.event('session.ready');
  return { host, owner, session, guest: await host.connect(GUEST, 'bob@desk') };
}

function grant(
  { owner, session: { instanceId } }: Scene,
  access: RequestOf<'session.grant'>['access'],
  forMs?: number,
): Promise<ReplyOf<'session.grant'>> {
  return owner.link.request('session.grant', { instanceId, user: GUEST.user, access, forMs });
}

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const reason: unknown = await promise.catch((error: unknown) => error);
  return reason instanceof RemotingError ? reason.id : `not refused: ${String(reason)}`;
}

/** Takes the keyboard of the session over a channel of its own. */
async function connect({ guest, session }: Scene, by = guest): Promise<TestChannel> {
  const channel = by.newChannel();
  const request = { channel: channel.channel, instanceId: session.instanceId, force: true, connectId: randomUUID() };
  channel.attachment = (await by.link.request('session.connect', request)).attachment;
  return channel;
}

/** A program of the session's that keeps what it reads in a file, byte for byte. */
async function reading({ owner, session, host }: Scene): Promise<string> {
  const file = join(host.folder, 'read');
  const text = `stty raw -echo; printf '<reads>'; exec cat >${file}`;
  await owner.link.request('command.run', { channel: session.channel, commandId: randomUUID(), text });
  await session.until(() => session.output.endsWith('<reads>'));
  return file;
}

const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');

/** The names that the host published for the monitor. */
function published({ folder }: TestHost): string[] {
  const [file] = readdirSync(join(folder, 'run')).filter((name) => name.endsWith('.granted'));
  return file === undefined ? [] : readFileSync(join(folder, 'run', file), 'utf8').split('\n');
}

describe('a guest', () => {
  test('to read sees the screen and nothing else; each try is refused and no byte reaches the session', async () => {
    await using host = await TestHost.start();
    const it = await scene(host);
    const { owner, session, guest } = it;
    const { instanceId } = session;
    expect(await refusalOf(watch(guest, instanceId))).toBe('SessionNotFound');
    expect(await guest.link.request('session.list', {})).toEqual({ sessions: [] });
    await grant(it, 'read', 60_000);
    await owner.link.request('session.grant', { instanceId, user: 'nobody', access: 'read' });
    expect(published(host)).toEqual(['daemon', 'nobody']);
    const { sessions } = await guest.link.request('session.list', {});
    expect(sessions).toMatchObject([
      { instanceId, owner: OWNER.user, access: 'read', grants: [{ user: 'daemon', access: 'read' }] },
    ]);
    expect((await owner.link.request('session.list', {})).sessions[0]?.grants).toHaveLength(2);
    const file = await reading(it);
    const watcher = await watch(guest, instanceId, true);
    await guest.show(watcher, undefined, { columns: 20, rows: 5 });
    await new WatcherTerminal(watcher).until((rows) => rows.some((row) => row.includes('<reads>')));
    // Whoever may only look has no say in the size.
    expect((await owner.link.request('session.list', {})).sessions[0]).toMatchObject({ columns: 80, rows: 24 });
    const { channel } = watcher;
    const tries: [id: string, what: Promise<unknown>][] = [
      ['AccessDenied', keyboard(guest, watcher, 'take')],
      ['AccessDenied', connect(it)],
      ['KeyboardNotHeld', guest.link.request('command.run', { channel, commandId: randomUUID(), text: 'echo x' })],
      ['KeyboardNotHeld', guest.link.request('session.interrupt', { channel })],
      ['KeyboardNotHeld', guest.link.request('session.echo', { channel })],
      ['KeyboardNotHeld', guest.link.request('command.complete', { channel, line: 'l', point: 1 })],
      ['AccessDenied', guest.link.request('session.detach', { instanceId })],
      ['AccessDenied', guest.link.request('session.stop', { instanceId })],
      ['AccessDenied', guest.link.request('session.update', { instanceId, name: 'mine' })],
      ['AccessDenied', guest.link.request('session.grant', { instanceId, user: 'nobody', access: 'write' })],
      ['AccessDenied', guest.link.request('session.message', { instanceId, caption: 'a', text: 'b' })],
    ];
    for (const [id, what] of tries) expect(await refusalOf(what)).toBe(id);
    watcher.write('of the guest');
    await watcher.until(() => watcher.refused.length > 0);
    expect((await guest.link.request('agent.status', {})).hosts).toEqual([]);
    session.write('of the owner');
    await expect.poll(() => read(file), { timeout: 20_000 }).toBe('of the owner');
  });

  test('to write types, each byte once; the owner takes the keyboard back', async () => {
    await using host = await TestHost.start();
    const it = await scene(host);
    const { owner, session, guest } = it;
    await grant(it, 'write');
    const file = await reading(it);
    const watcher = await watch(guest, session.instanceId);
    await guest.show(watcher);
    await keyboard(guest, watcher, 'take');
    watcher.write('guest ');
    await watcher.until(() => watcher.input.length === 0);
    await keyboard(owner, session, 'take');
    session.write('owner');
    await expect.poll(() => read(file), { timeout: 20_000 }).toBe('guest owner');
    const { instanceId } = session;
    expect(await refusalOf(guest.link.request('session.detach', { instanceId, idleTimeoutMs: 60_000 }))).toBe(
      'AccessDenied',
    );
    // Goodbye closes nothing of somebody else's.
    const channel = await connect(it);
    expect(channel.attachment).toBeDefined();
    await guest.link.request('connection.goodbye', {});
    const [info] = (await owner.link.request('session.list', {})).sessions;
    expect(info).toMatchObject({ state: 'Running' });
    expect(info?.attachments?.map(({ user }) => user)).not.toContain('daemon');
  });

  test.each(['taken back', 'over', 'for watching only'])(
    'whose grant is %s types nothing more: what no program has read is dropped, and they are told',
    async (how) => {
      await using host = await TestHost.start();
      const it = await scene(host);
      const { session, guest, owner } = it;
      await grant(it, 'write');
      // Nobody reads the terminal yet: the kernel takes some, the rest waits here.
      const [file, go] = [join(host.folder, 'read'), join(host.folder, 'go')];
      const text = `stty raw -echo; echo reads; until [ -e ${go} ]; do sleep 0.02; done; exec cat >${file}`;
      await owner.link.request('command.run', { channel: session.channel, commandId: randomUUID(), text });
      await session.until(() => session.output.includes('reads\n'));
      const channel = await connect(it);
      await guest.show(channel);
      for (let count = 0; count < 4; count += 1) channel.write('x'.repeat(16 * 1024));
      await guest.link.request('session.echo', { channel: channel.channel });
      if (how === 'over') await grant(it, 'write', 1);
      else await grant(it, how === 'taken back' ? 'none' : 'read');
      const { reason } = await channel.event('session.detached');
      expect(reason).toBe(
        `${OWNER.user}'s grant ${how === 'for watching only' ? 'is for watching only now' : 'has ended'}`,
      );
      const confirmed = 64 * 1024 - channel.input.length;
      expect(channel.input.length).toBeGreaterThan(16 * 1024);
      channel.write('after');
      const [info] = (await owner.link.request('session.list', {})).sessions;
      expect(info?.attachments?.map(({ user }) => user)).not.toContain('daemon');
      expect(await refusalOf(connect(it))).toBe(how === 'for watching only' ? 'AccessDenied' : 'SessionNotFound');
      expect(published(host)).toEqual(how === 'for watching only' ? ['daemon'] : []);
      // What was confirmed comes once, the rest never.
      const again = await connect(it, owner);
      again.write('the end');
      writeFileSync(go, '');
      await expect.poll(() => read(file).endsWith('the end'), { timeout: 20_000 }).toBe(true);
      expect(read(file)).toBe(`${'x'.repeat(confirmed)}the end`);
    },
  );

  test('whose grant ends while their link is cut does not come back', async () => {
    await using host = await TestHost.start();
    const it = await scene(host);
    await grant(it, 'write');
    const [typist, watcher] = [await connect(it), await watch(it.guest, it.session.instanceId)];
    it.guest.cut();
    typist.write('typed while the link is down');
    await grant(it, 'none');
    await it.guest.relink();
    const ended = { error: 'AttachmentLost', message: `${OWNER.user}'s grant has ended` };
    expect(await it.guest.resume()).toMatchObject([
      { channel: typist.channel, error: ended },
      { channel: watcher.channel, error: ended },
    ]);
    expect(typist.input.length).toBeGreaterThan(0);
    const [info] = (await it.owner.link.request('session.list', {})).sessions;
    expect(info).toMatchObject({ outputEnd: expect.any(Number) as number, grants: [], attachments: [] });
  });

  test('with a restricted key is none', async () => {
    await using host = await TestHost.start();
    const it = await scene(host);
    await grant(it, 'write');
    const restricted = await host.connect({ ...GUEST, restrictions: { terminal: true } });
    expect(await restricted.link.request('session.list', {})).toEqual({ sessions: [] });
    expect(await refusalOf(watch(restricted, it.session.instanceId))).toBe('SessionNotFound');
  });
});

test('only an account of the machine is granted something, by a client from elsewhere with an unrestricted key', async () => {
  await using host = await TestHost.start();
  const it = await scene(host);
  const { instanceId } = it.session;
  const ask = (client: HostClient, user: string): Promise<string> =>
    refusalOf(client.link.request('session.grant', { instanceId, user, access: 'read' }));
  expect(await ask(it.owner, 'no-such-user-here')).toBe('UserNotFound');
  expect(await ask(it.owner, OWNER.user)).toBe('GrantRefused');
  expect(await ask(await host.connect(), GUEST.user)).toBe('GrantRefused');
  expect(await ask(await host.connect({ ...OWNER, restrictions: { terminal: true } }), GUEST.user)).toBe(
    'AccessDenied',
  );
  expect(published(host)).toEqual([]);
  await grant(it, 'read');
  await it.owner.link.request('session.stop', { instanceId });
  expect(await ask(it.owner, GUEST.user)).toBe('SessionExited');
});

test('a grant waits no longer than its time for who tells of the account, and is not given then', async () => {
  await using host = await TestHost.start({ lookupMs: 300 });
  const it = await scene(host);
  {
    using getent = new HangingProgram('getent');
    expect(await refusalOf(grant(it, 'read'))).toBe('OperationTimedOut');
    await expect.poll(() => getent.running).toEqual([]);
  }
  expect(published(host)).toEqual([]);
  await expect.poll(() => refusalOf(grant(it, 'read'))).toMatch(/^not refused/);
});
