import { randomUUID } from 'node:crypto';
import {
  MAY_ASK,
  REQUESTS,
  RemotingError,
  type CallerStamp,
  type ErrorId,
  type ReplyOf,
  type RequestOf,
  type RequestType,
} from '@holdfast/protocol';
import { expect, test } from 'vitest';
import { LOCAL_CALLER, testEnvironment, type HostClient } from '../testing/host-client.ts';
import { TestHost } from '../testing/test-host.ts';

/** What comes of a request about another user's session: an error, or a reply that tells and changes nothing. */
type Fate = ErrorId | 'nothing' | 'may';
/** By role. A request that has no line here does not compile. */
const FATES: Record<RequestType, { other: Fate; administrator: Fate }> = {
  'session.open': { other: 'AccessDenied', administrator: 'AccessDenied' },
  'session.list': { other: 'nothing', administrator: 'may' },
  'session.connect': { other: 'SessionNotFound', administrator: 'SessionNotFound' },
  'session.watch': { other: 'SessionNotFound', administrator: 'SessionNotFound' },
  'session.unwatch': { other: 'AttachmentLost', administrator: 'AttachmentLost' },
  'session.keyboard': { other: 'AttachmentLost', administrator: 'AttachmentLost' },
  'session.show': { other: 'AttachmentLost', administrator: 'AttachmentLost' },
  'session.hide': { other: 'AttachmentLost', administrator: 'AttachmentLost' },
  'session.resize': { other: 'AttachmentLost', administrator: 'AttachmentLost' },
  'session.echo': { other: 'AttachmentLost', administrator: 'AttachmentLost' },
  'session.interrupt': { other: 'AttachmentLost', administrator: 'AttachmentLost' },
  'session.detach': { other: 'SessionNotFound', administrator: 'may' },
  'session.stop': { other: 'SessionNotFound', administrator: 'may' },
  'session.message': { other: 'SessionNotFound', administrator: 'may' },
  'session.update': { other: 'SessionNotFound', administrator: 'SessionNotFound' },
  'session.grant': { other: 'SessionNotFound', administrator: 'SessionNotFound' },
  'command.run': { other: 'AttachmentLost', administrator: 'AttachmentLost' },
  'command.complete': { other: 'AttachmentLost', administrator: 'AttachmentLost' },
  'exec.start': { other: 'AccessDenied', administrator: 'AccessDenied' },
  'exec.signal': { other: 'AttachmentLost', administrator: 'AttachmentLost' },
  'channel.end': { other: 'nothing', administrator: 'nothing' },
  'connection.resume': { other: 'nothing', administrator: 'nothing' },
  'connection.goodbye': { other: 'nothing', administrator: 'nothing' },
  'events.list': { other: 'AccessDenied', administrator: 'AccessDenied' },
  'journal.read': { other: 'AccessDenied', administrator: 'may' },
  'agent.configurations': { other: 'AccessDenied', administrator: 'AccessDenied' },
  'agent.status': { other: 'may', administrator: 'may' },
};
const TYPES = Object.keys(REQUESTS) as RequestType[];
const OTHER: CallerStamp = { ...LOCAL_CALLER, user: 'someone-else', key: 'SHA256:abc', address: '192.0.2.7' };
const ADMINISTRATOR: CallerStamp = { ...OTHER, user: 'admin', roles: ['owner', 'administrator'] };

/** A session in which a command runs, and a one-shot, both of the owner. */
async function startWork(host: TestHost) {
  const owner = await host.connect();
  const session = await owner.open({ name: 'work' });
  await session.event('session.ready');
  await owner.show(session);
  const commandId = randomUUID();
  await owner.link.request('command.run', { channel: session.channel, commandId, text: 'sleep 1000' });
  const { echoTo } = await session.event('command.started');
  await session.until(() => session.output.length >= echoTo);
  const [out, err] = [owner.newChannel(), owner.newChannel()];
  const exec = { execId: randomUUID(), text: 'sleep 1000', environment: testEnvironment(), limit: 65_536 };
  await owner.link.request('exec.start', { channel: out.channel, errorChannel: err.channel, ...exec });
  return { owner, session, out, exec };
}
type Work = Awaited<ReturnType<typeof startWork>>;

/** Each request, about the owner's session by its true ids. */
function bodies({ session, out, exec }: Work): { [T in RequestType]: RequestOf<T> } {
  const { channel, instanceId, attachment } = session;
  const { attachmentId, incarnation } = attachment ?? { attachmentId: '', incarnation: '' };
  const size = { columns: 10, rows: 10 };
  const resumed = { channel, attachmentId, incarnation, receivedTo: 0, limit: 1, eventsTo: 0 };
  const [open, more] = [randomUUID(), channel + 100];
  return {
    'session.open': { channel: more, openId: open, ...size, environment: testEnvironment(), temporary: false },
    'session.list': {},
    'session.connect': { channel: more, instanceId, force: true },
    'session.watch': { channel: more, instanceId },
    'session.unwatch': { channel },
    'session.keyboard': { channel, act: 'take' },
    'session.show': { channel, ...size },
    'session.hide': { channel },
    'session.resize': { channel, ...size },
    'session.echo': { channel },
    'session.interrupt': { channel },
    'session.detach': { instanceId },
    'session.stop': { instanceId },
    'session.message': { instanceId, caption: 'note', text: 'leave' },
    'session.update': { instanceId, name: 'mine' },
    'session.grant': { instanceId, user: 'daemon', access: 'write' },
    'command.run': { channel, commandId: randomUUID(), text: 'echo theirs' },
    'command.complete': { channel, line: 'l', point: 1 },
    'exec.start': { channel: more, errorChannel: more + 1, ...exec },
    'exec.signal': { channel: out.channel, signal: 'KILL' },
    'channel.end': { channel: out.channel, at: 0 },
    'connection.resume': { channels: [resumed] },
    'connection.goodbye': {},
    'events.list': { limit: 10 },
    'journal.read': { after: {} },
    'agent.configurations': {},
    'agent.status': {},
  };
}

/** What the owner sees: a refused request leaves all of it as it was, but for what the owner's own client acknowledges meanwhile. */
async function stateOf({ owner }: Work): Promise<unknown> {
  const { sessions } = await owner.link.request('session.list', {});
  const { hosts } = await owner.link.request('agent.status', {});
  return { sessions: sessions.map((one) => ({ ...one, delivered: 0 })), hosts };
}

async function fateOf(client: HostClient, type: RequestType, body: RequestOf<RequestType>): Promise<Fate> {
  try {
    const reply: ReplyOf<RequestType> = await client.link.request(type, body);
    return tells(reply) ? 'may' : 'nothing';
  } catch (error) {
    if (error instanceof RemotingError) return error.id;
    throw error;
  }
}

/** A reply in which there is something; a channel that could not be resumed is in it by its number alone. */
function tells(reply: object): boolean {
  return Object.values(reply).some((value: unknown) =>
    Array.isArray(value) ? value.some((one: unknown) => !('error' in Object(one))) : true,
  );
}

test.each([
  ['another user', OTHER, 'other'],
  ['an administrator', ADMINISTRATOR, 'administrator'],
] as const)('%s is refused what that role may not, and changes nothing by it', async (_, caller, role) => {
  await using host = await TestHost.start();
  const work = await startWork(host);
  const before = await stateOf(work);
  const client = await host.connect(caller);
  const asked = bodies(work);
  for (const type of TYPES) {
    if (FATES[type][role] === 'may') continue;
    expect(await fateOf(client, type, asked[type]), type).toBe(FATES[type][role]);
    expect(await stateOf(work), `after ${type}`).toEqual(before);
  }
  for (const type of TYPES.filter((one) => FATES[one][role] === 'may' && one !== 'session.stop')) {
    expect(await fateOf(client, type, asked[type]), type).toBe('may');
  }
});

test.each([
  ['nobody', []],
  ['an administrator who owns nothing', ['administrator' as const]],
])('%s is refused every request that is not for that role', async (_, roles) => {
  await using host = await TestHost.start();
  const work = await startWork(host);
  const before = await stateOf(work);
  const client = await host.connect({ ...ADMINISTRATOR, roles: [...roles] });
  const asked = bodies(work);
  for (const type of TYPES) {
    if (roles.some((role) => MAY_ASK[type].includes(role))) continue;
    expect(await fateOf(client, type, asked[type]), type).toBe('AccessDenied');
  }
  expect(await stateOf(work)).toEqual(before);
});

test('an administrator stops the session of another, which its owner is told', async () => {
  await using host = await TestHost.start();
  const work = await startWork(host);
  const client = await host.connect(ADMINISTRATOR);
  expect(await fateOf(client, 'session.stop', bodies(work)['session.stop'])).toBe('may');
  await work.session.event('session.exited');
});

test('every request says who may send it', () => {
  for (const type of TYPES) expect(MAY_ASK[type], type).toContain('owner');
  expect(Object.keys(MAY_ASK).toSorted()).toEqual(TYPES.toSorted());
  expect(Object.keys(FATES).toSorted()).toEqual(TYPES.toSorted());
});
