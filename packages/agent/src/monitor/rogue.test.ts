import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, readdirSync, symlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  encodeMessage,
  frameOnStream,
  handshakeAsClient,
  hostHelloOnStream,
  type HandshakeIo,
  type Signer,
  type Ticket,
} from '@holdfast/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openRequest } from '../gateway/testing/session-fixture.ts';
import { whyNoUsers, type UnixUser } from './testing/unix-user.ts';
import { UsersAgent } from './testing/users-agent.ts';

const ROGUE = fileURLToPath(new URL('testing/rogue-gateway.fixture.ts', import.meta.url));
const reason = whyNoUsers();

type Message = { type: string; [field: string]: unknown };
type Heard = { message: Message; hasSocket: boolean };

/** A gateway in strange hands: says to the monitor what the test says, and hears what it answers. */
class Rogue {
  readonly #socket: Socket;
  readonly #heard: Heard[] = [];
  #wake = Promise.withResolvers<void>();
  #lastId = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    createInterface({ input: socket }).on('line', (line) => {
      this.#heard.push(JSON.parse(line) as Heard);
      this.#wake.resolve();
      this.#wake = Promise.withResolvers();
    });
  }

  say(message: Message): void {
    this.#socket.write(`${JSON.stringify(message)}\n`);
  }

  /** The next message that is wanted; others of before are left. */
  async hear(isWanted: (message: Message) => boolean): Promise<Heard> {
    for (;;) {
      const at = this.#heard.findIndex(({ message }) => isWanted(message));
      const [found] = at < 0 ? [] : this.#heard.splice(at, 1);
      if (found !== undefined) return found;
      await this.#wake.promise;
    }
  }

  async ask(question: Message): Promise<Heard> {
    const id = ++this.#lastId;
    this.say({ ...question, id });
    return this.hear((message) => message['id'] === id);
  }

  /** Begins a connection, as if a client had come whose TLS exporter is `exporter`. */
  begin(visit: number, exporter: Buffer): HandshakeIo {
    this.say({ type: 'visit.begin', visit, address: '192.0.2.1', exporter: exporter.toString('base64') });
    return {
      exporter,
      send: (data) => {
        void this.hear((message) => message.type === 'visit.receive' && message['visit'] === visit).then(() =>
          this.say({ type: 'visit.message', visit, data: data.toString('base64') }),
        );
      },
      receive: async () => {
        const { message } = await this.hear(({ type, visit: of }) => type === 'visit.send' && of === visit);
        return Buffer.from(String(message['data']), 'base64');
      },
    };
  }
}

describe.skipIf(reason !== undefined)(
  `a gateway in strange hands${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let agent: UsersAgent;
    let ann: UnixUser;
    let bob: UnixUser;
    let server: Server;
    let rogue: Rogue;

    beforeAll(async () => {
      agent = new UsersAgent();
      ann = agent.makeUser();
      bob = agent.makeUser();
      // Both have sessions, made through a gateway that works; it is killed, and the next one is the rogue.
      await agent.start('gateway.user = "nobody"');
      for (const user of [ann, bob]) {
        const client = await agent.connect(user);
        await client.link.request('session.open', openRequest(1));
        await agent.open(client, 2);
      }
      await agent.process.stop('SIGKILL');
      server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const arrived = once(server, 'connection');
      const command = JSON.stringify([process.execPath, ROGUE, String(port)]);
      const started = agent.start('gateway.user = "nobody"', { HOLDFAST_GATEWAY_COMMAND: command });
      const [socket] = await arrived;
      rogue = new Rogue(socket as Socket);
      rogue.say({ type: 'gateway.listening', host: '127.0.0.1', port: 1 });
      await started;
    });

    afterAll(async () => {
      await agent[Symbol.asyncDispose]();
      server.close();
    });

    /** Lets a user in whose client came to the rogue; keeps what the client sent. */
    async function letIn(
      visit: number,
      user: Pick<UnixUser, 'name' | 'key'>,
      as: { clientId?: string; ticket?: Ticket | undefined } = {},
    ) {
      const exporter = randomBytes(32);
      const io = rogue.begin(visit, exporter);
      const sent: Buffer[] = [];
      const tape = { ...io, send: (data: Buffer) => (sent.push(data), io.send(data)) };
      const result = await handshakeAsClient(tape, {
        user: user.name,
        clientId: as.clientId ?? randomUUID(),
        clientName: 'a client',
        ticket: as.ticket,
        checkHostKey: () => Promise.resolve(),
        keys: (async function* (): AsyncGenerator<Signer> {
          yield await Promise.resolve(user.key);
        })(),
        signal: AbortSignal.timeout(20_000),
      });
      const { message } = await rogue.hear(({ type, visit: of }) => type === 'visit.done' && of === visit);
      return { sent, exporter, message, result };
    }

    const socketOf = (user: UnixUser): string =>
      `${user.uid}/${readdirSync(path.join(agent.home.runtimeDir, String(user.uid))).find((name) => name.endsWith('.sock')) ?? ''}`;

    test.each(['hosts.names', 'hosts.current', 'hosts.start', 'hosts.connect'])(
      'gets no answer to %s for a connection on which nobody came in',
      async (type) => {
        const { message, hasSocket } = await rogue.ask({ type, visit: 4711, name: socketOf(ann) });
        expect({ message, hasSocket }).toMatchObject({
          message: { type: 'error', error: 'AccessDenied' },
          hasSocket: false,
        });
      },
    );

    test('reaches the host of whoever came in, and of nobody else', async () => {
      await letIn(1, ann);
      const own = await rogue.ask({ type: 'hosts.connect', visit: 1, name: socketOf(ann) });
      expect(own).toMatchObject({ message: { type: 'reply' }, hasSocket: true });
      expect((await rogue.ask({ type: 'hosts.names', visit: 1 })).message['names']).toEqual([socketOf(ann)]);
      for (const name of [
        socketOf(bob),
        `${ann.uid}/../${socketOf(bob)}`,
        '../../etc/passwd',
        `${ann.uid}/../../x.sock`,
      ]) {
        const { message, hasSocket } = await rogue.ask({ type: 'hosts.connect', visit: 1, name });
        expect({ type: message.type, hasSocket }).toEqual({ type: 'error', hasSocket: false });
      }
      rogue.say({ type: 'visit.end', visit: 1 });
      expect((await rogue.ask({ type: 'hosts.connect', visit: 1, name: socketOf(ann) })).hasSocket).toBe(false);
    });

    test('cannot have root follow a link that a user laid', async () => {
      const name = `${ann.uid}/zzzzzzzz-dev.sock`;
      const file = path.join(agent.home.runtimeDir, name);
      symlinkSync(path.join(agent.home.runtimeDir, socketOf(bob)), file);
      await letIn(2, ann);
      const { message, hasSocket } = await rogue.ask({ type: 'hosts.connect', visit: 2, name });
      expect({ type: message.type, hasSocket }).toEqual({ type: 'error', hasSocket: false });
    });

    /** Says on a new connection what a client said on another, and gives what the monitor answers after its own proof. */
    async function replay(visit: number, exporter: Buffer, sent: readonly Buffer[]): Promise<string[]> {
      const io = rogue.begin(visit, exporter);
      for (const data of sent) io.send(data);
      const answers: string[] = [];
      // The first message is answered twice, with a hello and with a proof.
      for (let at = 0; at < sent.length + 1; at += 1)
        answers.push(String(await io.receive(AbortSignal.timeout(20_000))));
      expect((await rogue.ask({ type: 'hosts.start', visit })).message).toMatchObject({ error: 'AccessDenied' });
      rogue.say({ type: 'visit.end', visit });
      return answers.slice(2);
    }

    test('gets nobody in by what a client proved on another connection, with a key or a ticket', async () => {
      const { sent, exporter, result } = await letIn(3, ann);
      expect((await replay(4, exporter, sent)).at(-1)).toBe('{"type":"auth.refused"}');
      const second = await letIn(5, ann, { ticket: result.ticket, clientId: JSON.parse(String(sent[0])).clientId });
      expect(second.result.resumed).toBe(true);
      expect(await replay(6, second.exporter, second.sent)).toEqual(['{"type":"auth.refused"}']);
    });

    test('cannot make a proof of one user count for another', async () => {
      const { sent, exporter } = await letIn(7, ann);
      const hello = JSON.parse(String(sent[0])) as object;
      const forged = [Buffer.from(JSON.stringify({ ...hello, user: bob.name })), ...sent.slice(1)];
      const answers = await replay(8, exporter, forged);
      expect(new Set(answers)).toEqual(new Set(['{"type":"auth.refused"}']));
    });

    test('cannot lift the restrictions of the key that came in', async () => {
      const key = agent.home.makeKey('restricted');
      ann.authorize(`restrict ${readFileSync(path.join(agent.home.folder, 'restricted.pub'), 'utf8')}`);
      await letIn(9, { name: ann.name, key });
      await rogue.ask({ type: 'hosts.connect', visit: 9, name: socketOf(ann) });
      const caller = { user: ann.name, roles: ['owner' as const], key: 'SHA256:forged', address: '192.0.2.1' };
      const said = [
        hostHelloOnStream({ clientId: randomUUID(), clientName: 'rogue', caller }),
        ...encodeMessage(0, { ...openRequest(1), type: 'session.open', id: 1 }).map(frameOnStream),
      ];
      rogue.say({ type: 'host.send', data: Buffer.concat(said).toString('base64') });
      let heard = '';
      while (!heard.includes('"id":1'))
        heard += String((await rogue.hear(({ type }) => type === 'host.said')).message['data']);
      expect(heard).toMatch(/^.*"hello.reply".*"error":"AccessDenied","message":"This key may not open a terminal/s);
    });

    test('is ended when it says what no gateway says', async () => {
      const next = once(server, 'connection');
      rogue.say({ type: 'hosts.connect', id: 1, visit: 1, name: 7 });
      const [socket] = await next;
      rogue = new Rogue(socket as Socket);
      await expect.poll(() => agent.process.log).toContain('"event":"monitor.refused"');
      expect((await rogue.hear(({ type }) => type === 'gateway.start')).message).not.toHaveProperty('privateKey');
    });
  },
);
