import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chownSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import {
  FrameKind,
  Link,
  RemotingError,
  StreamTransport,
  encodeAck,
  encodeData,
  helloAsHost,
  type CallerStamp,
  type IncomingRequest,
  type RequestOf,
  type SessionInfo,
} from '@holdfast/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { TestClient } from '../gateway/testing/test-client.ts';
import { LIMIT } from './testing/talk.ts';
import { whyNoUsers, type UnixUser } from './testing/unix-user.ts';
import { UsersAgent } from './testing/users-agent.ts';

const reason = whyNoUsers();

async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.catch((refused: unknown) => refused);
  return error instanceof RemotingError ? error.id : `not refused: ${String(error)}`;
}

function connectTo(client: TestClient, channel: number, instanceId: string): Promise<unknown> {
  return client.link.request('session.connect', { channel, instanceId, force: true, connectId: randomUUID() });
}

async function listed({ link }: TestClient): Promise<SessionInfo[]> {
  return (await link.request('session.list', {})).sessions.filter(({ state }) => state === 'Running');
}

/** What a watcher's terminal was painted so far. */
function painted({ frames }: TestClient, channel: number): string {
  const own = frames.filter((frame) => frame.kind === FrameKind.snapshot && frame.channel === channel);
  return own.map((frame) => (frame.kind === FrameKind.snapshot ? frame.payload.toString() : '')).join('');
}

function detached({ events }: TestClient, channel: number): string | undefined {
  const told = events.find((one) => one.channel === channel && one.event.type === 'session.detached');
  return told?.event.type === 'session.detached' ? told.event.reason : undefined;
}

/** A program in the place of a user's session host, which says that it has somebody else's session. */
class HostileHost {
  /** Who greeted it. */
  readonly callers: CallerStamp[] = [];
  readonly asked: string[] = [];
  /** Does not greet, or greets and answers nothing. */
  silence: 'none' | 'deaf' | 'mute' = 'none';
  /** Bytes of channels that came to it. */
  stolen = 0;
  readonly grantedFile: string;
  readonly #server: Server;
  readonly #socket: string;

  constructor(folder: string, user: UnixUser, claims: { session: SessionInfo; friend: string }) {
    const generation = `${(Date.now() + 60_000).toString(36)}-evil`;
    this.#socket = path.join(folder, `${generation}.sock`);
    this.grantedFile = path.join(folder, `${generation}.granted`);
    this.#server = createServer((stream) => {
      if (this.silence === 'deaf') return;
      const transport = new StreamTransport(stream);
      void helloAsHost(transport, { generation, buildId: 'evil' }).then((hello) => {
        this.callers.push(hello.caller);
        return new Link(transport, {
          onRequest: (request) => this.#answer(request, claims.session, user),
          onChannelFrame: (frame) => (this.stolen += frame.kind === FrameKind.data ? frame.payload.length : 1),
          onClose: () => undefined,
        });
      });
    });
    this.#server.listen(this.#socket, () => {
      chownSync(this.#socket, user.uid, user.gid);
      writeFileSync(this.grantedFile, claims.friend);
      chownSync(this.grantedFile, user.uid, user.gid);
    });
  }

  close(): void {
    this.#server.close();
    for (const file of [this.#socket, this.grantedFile]) rmSync(file, { force: true, recursive: true });
  }

  #answer({ type, body }: IncomingRequest, session: SessionInfo, { name }: UnixUser): unknown {
    this.asked.push(type);
    if (this.silence === 'mute') return new Promise(() => undefined);
    const attachment = { attachmentId: randomUUID(), inputReceived: 0, incarnation: session.incarnation };
    if (type === 'session.list') return { sessions: [session, { ...session, owner: name, name: 'hers' }] };
    if (type === 'connection.resume') {
      return { channels: body.channels.map(({ channel }) => ({ channel, inputReceived: 0, session })) };
    }
    if (type === 'connection.goodbye') return { closed: [session], left: [] };
    return { session, attachment, from: 0, snapshot: false, notShown: 0 };
  }
}

describe.skipIf(reason !== undefined)(
  `grants to other users${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let agent: UsersAgent;
    let ann: UnixUser;
    let bob: UnixUser;
    let boss: UnixUser;

    beforeAll(async () => {
      agent = new UsersAgent();
      [ann, bob, boss] = [agent.makeUser(), agent.makeUser(), agent.makeUser()];
      await agent.start(
        `[access]\nadministrators = ["${boss.name}"]\n[gateway]\nuser = "nobody"\nhostAnswerMs = 20000\n`,
      );
    });

    afterAll(() => agent[Symbol.asyncDispose]());

    /** Left open by a test that failed. */
    const clients: TestClient[] = [];
    afterEach(() => {
      for (const { socket } of clients.splice(0)) socket.terminate();
    });

    async function join(user: UnixUser, options: { clientId?: string } = {}): Promise<TestClient> {
      const client: TestClient = await agent.connect(user, {
        ...options,
        // The next picture comes when the last was taken.
        onFrame: ({ kind, channel, ...frame }) => {
          if (kind !== FrameKind.snapshot || !('payload' in frame) || frame.payload.length > 0) return;
          client.link.transport.send(encodeAck(channel, frame.offset, LIMIT));
        },
      });
      clients.push(client);
      return client;
    }

    const folderOf = ({ uid }: UnixUser): string => path.join(agent.home.runtimeDir, String(uid));

    /** Clients of ann, with a session, and of bob. */
    async function both(): Promise<{ one: TestClient; two: TestClient; instanceId: string }> {
      const [one, two] = [await join(ann), await join(bob)];
      const { session } = await agent.open(one, 1);
      return { one, two, instanceId: session.instanceId };
    }

    function grant(
      { link }: TestClient,
      instanceId: string,
      access: RequestOf<'session.grant'>['access'],
      forMs?: number,
    ): Promise<{ session: SessionInfo }> {
      return link.request('session.grant', { instanceId, user: bob.name, access, forMs });
    }

    async function leave(...clients: TestClient[]): Promise<void> {
      for (const client of clients) {
        await client.link.request('connection.goodbye', {});
        client.close();
      }
    }

    test('without one there is no such session; with one to read it is seen, and nothing of the guest reaches it', async () => {
      const { one, two, instanceId } = await both();
      expect(await listed(two)).toEqual([]);
      for (const type of ['session.watch', 'session.stop', 'session.detach'] as const) {
        const asked = two.link.request(type, { channel: 5, instanceId });
        expect(await refusalOf(asked), type).toBe('SessionNotFound');
      }
      expect(await refusalOf(connectTo(two, 5, instanceId))).toBe('SessionNotFound');
      expect(JSON.stringify(await two.link.request('agent.status', {}))).not.toContain(ann.name);

      await grant(one, instanceId, 'read');
      expect(await listed(two)).toMatchObject([{ instanceId, owner: ann.name, grants: [{ user: bob.name }] }]);
      expect(await agent.output(one, 1, 'echo for bob to see')).toBe('for bob to see\n');
      await two.link.request('session.watch', { channel: 5, instanceId });
      await two.link.request('session.show', { channel: 5, columns: 100, rows: 30 });
      await two.until(() => (painted(two, 5).includes('for bob to see') ? true : undefined));
      expect(await refusalOf(connectTo(two, 6, instanceId))).toBe('AccessDenied');
      two.link.transport.send(encodeData(FrameKind.data, 5, 0, Buffer.from('touch stolen\r')));
      await two.until(() => two.events.find(({ event }) => event.type === 'input.refused'));
      expect(await agent.output(one, 1, 'ls')).toBe('');

      const link = await join(boss);
      const seen = await link.link.request('session.list', {});
      expect(seen.sessions.map((session) => session.instanceId)).toContain(instanceId);
      expect(await refusalOf(connectTo(link, 5, instanceId))).toBe('SessionNotFound');
      await grant(one, instanceId, 'none');
      expect(await two.until(() => detached(two, 5))).toBe(`${ann.name}'s grant has ended`);
      expect(await listed(two)).toEqual([]);
      await leave(one, two, link);
    });

    test('one to write lets the guest run commands as the owner, who takes the keyboard back; the record says who did', async () => {
      const { one, two, instanceId } = await both();
      await grant(one, instanceId, 'write', 60_000);
      await connectTo(two, 5, instanceId);
      await one.until(() => one.events.find(({ event }) => event.type === 'session.taken'));
      await two.link.request('session.show', { channel: 5, columns: 200, rows: 24, limit: LIMIT });
      const commandId = randomUUID();
      const text = 'id -un >>by-bob';
      for (let times = 0; times < 2; times += 1) {
        await two.link.request('command.run', { channel: 5, commandId, text });
      }
      await two.until(() =>
        two.events.find(({ event }) => event.type === 'command.ready' && event.commandId === commandId),
      );
      for (const type of ['session.stop', 'session.update'] as const) {
        expect(await refusalOf(two.link.request(type, { instanceId, name: 'x' })), type).toBe('AccessDenied');
      }
      await connectTo(one, 2, instanceId);
      await two.until(() => two.events.find(({ event }) => event.type === 'session.taken'));
      await one.link.request('session.show', { channel: 2, columns: 200, rows: 24, limit: LIMIT });
      const { events } = await one.link.request('events.list', { instanceId, limit: 100 });
      const acts = events.filter(({ actor, type }) => actor !== undefined || type === 'session.granted');
      expect(acts.map(({ type, actor, text: said }) => [type, actor, said])).toEqual(
        expect.arrayContaining([
          ['session.granted', undefined, undefined],
          ['session.taken', bob.name, undefined],
          ['command.started', bob.name, text],
        ]),
      );
      await one.link.request('command.run', { channel: 2, commandId: randomUUID(), text: 'echo "<$(cat by-bob)>"' });
      await one.until(() => (one.output(2, firstOf(one, 2)).includes(`<${ann.name}>`) ? true : undefined));
      await one.link.request('session.stop', { instanceId });
      await leave(one, two);
    });

    test('one that ends while the guest is attached, or while their link is cut, lets them go on with nothing', async () => {
      const { one, two, instanceId } = await both();
      await grant(one, instanceId, 'read', 600_000);
      await two.link.request('session.watch', { channel: 5, instanceId });
      await grant(one, instanceId, 'read', 1);
      expect(await two.until(() => detached(two, 5))).toBe(`${ann.name}'s grant has ended`);
      expect(await listed(two)).toEqual([]);

      await grant(one, instanceId, 'write');
      await listed(two);
      const request = { channel: 6, instanceId, force: true, connectId: randomUUID() };
      const { session, attachment } = await two.link.request('session.connect', request);
      two.socket.terminate();
      await two.closed;
      await grant(one, instanceId, 'none');
      const again = await join(bob, { clientId: two.clientId });
      const { incarnation } = session;
      const { attachmentId } = attachment;
      const at = { channel: 6, attachmentId, incarnation, receivedTo: 0, limit: LIMIT, eventsTo: 0 };
      const { channels } = await again.link.request('connection.resume', { channels: [at] });
      expect(channels).toMatchObject([{ error: { error: 'AttachmentLost' } }]);
      again.link.transport.send(encodeData(FrameKind.data, 6, 0, Buffer.from('touch stolen\r')));
      expect(await listed(again)).toEqual([]);
      await connectTo(one, 2, instanceId);
      await one.link.request('session.show', { channel: 2, columns: 200, rows: 24, limit: LIMIT });
      await one.link.request('command.run', { channel: 2, commandId: randomUUID(), text: 'ls; echo listed-$?' });
      await one.until(() => (one.output(2, firstOf(one, 2)).includes('listed-0') ? true : undefined));
      expect(one.output(2, firstOf(one, 2)).toString()).not.toContain('stolen');
      await one.link.request('session.stop', { instanceId });
      await leave(one, again);
    });

    test("a program in the place of a host that claims a guest's own session gets no byte of it", async () => {
      const two = await join(bob);
      const { session, attachment } = await agent.open(two, 1);
      mkdirSync(folderOf(ann), { recursive: true });
      const hostile = new HostileHost(folderOf(ann), ann, { session, friend: bob.name });
      try {
        await expect
          .poll(async () => (await listed(two), hostile.asked.length), { timeout: 20_000 })
          .toBeGreaterThan(0);
        expect(hostile.callers.map(({ user }) => user)).toContain(bob.name);
        expect(await listed(two)).toMatchObject([{ instanceId: session.instanceId, owner: bob.name }]);
        two.socket.terminate();
        await two.closed;
        const again = await join(bob, { clientId: two.clientId });
        const { attachmentId } = attachment;
        const { incarnation, instanceId } = session;
        const at = { channel: 1, attachmentId, incarnation, receivedTo: 0, limit: LIMIT, eventsTo: 0 };
        const { channels } = await again.link.request('connection.resume', { channels: [at] });
        expect(channels).toMatchObject([{ channel: 1, session: { owner: bob.name } }]);
        expect(hostile.asked).toContain('connection.resume');
        again.link.transport.send(encodeData(FrameKind.data, 1, 0, Buffer.from('for my own session')));
        expect(await agent.output(again, 1, 'echo mine')).toBe('mine\n');
        await again.link.request('session.detach', { instanceId, channel: 1 });
        await connectTo(again, 2, instanceId);
        expect(hostile.stolen).toBe(0);
        expect(hostile.asked.filter((type) => !/^(?:session\.list|connection\.|agent\.status)/.test(type))).toEqual([]);
        await again.link.request('session.stop', { instanceId });
        await leave(again);
      } finally {
        hostile.close();
      }
    });

    test.each(['deaf', 'mute'] as const)(
      "one in the place of a host that is %s does not hold up a guest's own",
      async (silence) => {
        const quick = new UsersAgent();
        try {
          const [host, guest] = [quick.makeUser(), quick.makeUser()];
          // Whoever waited for it would wait longer than this test.
          const slow = 'hostAnswerMs = 600000\ngoodbyeMs = 600000\nguestAnswerMs = 50';
          await quick.start(`[gateway]\nuser = "nobody"\n${slow}\n`);
          const client = await quick.connect(guest);
          const { session } = await quick.open(client, 1);
          const folder = path.join(quick.home.runtimeDir, String(host.uid));
          mkdirSync(folder, { recursive: true });
          const hostile = new HostileHost(folder, host, { session, friend: guest.name });
          hostile.silence = silence;
          try {
            expect(await listed(client)).toMatchObject([{ instanceId: session.instanceId }]);
            const lost = { attachmentId: randomUUID(), incarnation: 'none', receivedTo: 0, limit: 0, eventsTo: 0 };
            const { channels } = await client.link.request('connection.resume', {
              channels: [{ channel: 9, ...lost }],
            });
            expect(channels).toMatchObject([{ channel: 9, error: { error: 'AttachmentLost' } }]);
            await client.link.request('session.stop', { instanceId: session.instanceId });
            await client.link.request('connection.goodbye', {});
          } finally {
            hostile.close();
          }
        } finally {
          await quick[Symbol.asyncDispose]();
        }
      },
    );

    test('what a user puts in the place of the names of guests names nobody and stops nobody, but for a plain file', async () => {
      const names = path.join(agent.home.folder, 'names');
      writeFileSync(names, bob.name);
      const two = await join(bob);
      const { session } = await agent.open(two, 1);
      const hostile = new HostileHost(folderOf(ann), ann, { session, friend: bob.name });
      const { grantedFile } = hostile;
      const greeted = async (): Promise<number> => {
        const client = await join(bob);
        const { length } = hostile.callers;
        await listed(client);
        client.close();
        return hostile.callers.length - length;
      };
      try {
        await expect.poll(greeted, { timeout: 20_000 }).toBe(1);
        const puts = {
          fifo: () => execFileSync('mkfifo', ['-m', '600', grantedFile]),
          link: () => symlinkSync(names, grantedFile),
          folder: () => mkdirSync(grantedFile),
          large: () => writeFileSync(grantedFile, `${bob.name}\n`.padEnd(1024 * 1024, 'x')),
        };
        for (const [what, put] of Object.entries(puts)) {
          rmSync(grantedFile, { recursive: true });
          put();
          if (what !== 'link') chownSync(grantedFile, ann.uid, ann.gid);
          expect(await greeted(), what).toBe(0);
        }
        await leave(two);
      } finally {
        hostile.close();
      }
    });
  },
);

/** Where the output of a channel begins here. */
function firstOf({ frames }: TestClient, channel: number): number {
  const own = frames.find((frame) => frame.kind === FrameKind.data && frame.channel === channel);
  return own?.kind === FrameKind.data ? own.offset : 0;
}
