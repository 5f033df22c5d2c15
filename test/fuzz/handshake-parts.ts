import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import {
  CloseCode,
  FrameKind,
  decodeFrame,
  encodeControl,
  handshakeAsClient,
  handshakeAsHost,
  keySigner,
  transportHandshakeIo,
  type ClientHandshakeOptions,
  type HostHandshakeOptions,
  type Signer,
  type Ticket,
  type TicketStore,
  type Transport,
  type TransportHandshakeIo,
} from '@holdfast/protocol';

const EXPORTER = createHash('sha256').update('one TLS connection').digest();
const CLIENT_ID = '5f4b8e2e-3f0a-4c3c-9a57-0f1c2d3e4f50';

/** The keys and tickets of both sides; `tickets` lets in whoever proves `ticket`. */
export type Parties = { hostKey: Signer; userKey: Signer; ticket: Ticket; tickets: TicketStore; signal: AbortSignal };

export function makeParties(signal: AbortSignal, publicKey?: Buffer): Parties {
  const userKey = newKey('user');
  const secret = createHash('sha256').update('secret').digest();
  const known = publicKey ?? userKey.publicKey;
  return {
    hostKey: newKey('host'),
    userKey,
    ticket: { ticket: 'sealed', secret: secret.toString('base64'), expiresAt: 4e12 },
    tickets: {
      issue: () => ({ ticket: 'issued', secret: secret.toString('base64'), expiresAt: 4e12 }),
      open: (text) => (text === 'sealed' ? { user: 'ann', publicKey: known, clientId: CLIENT_ID, secret } : undefined),
    },
    signal,
  };
}

/** The agent's side, which lets in `known` as ann; refusals leave at once. */
export function hostOptions(parties: Parties, known: Buffer): HostHandshakeOptions {
  return {
    hostKey: parties.hostKey,
    product: 'holdfast-agent 0',
    address: '192.0.2.7',
    authorize: ({ user, publicKey }) =>
      Promise.resolve(
        user === 'ann' && publicKey.equals(known)
          ? { accepted: true, user, roles: ['owner'] }
          : { accepted: false, reason: 'Unknown' },
      ),
    tickets: parties.tickets,
    refusalMs: 0,
    signal: parties.signal,
  };
}

export type ClientWay = 'signs' | 'asks first' | 'has a ticket';

export function clientOptions(parties: Parties, way: ClientWay, onHostKey: () => void): ClientHandshakeOptions {
  const { userKey, ticket, signal } = parties;
  return {
    user: 'ann',
    clientId: CLIENT_ID,
    clientName: 'laptop:4711',
    checkHostKey: () => Promise.resolve(onHostKey()),
    keys: oneKey({ ...userKey, askFirst: way === 'asks first' }),
    ...(way === 'has a ticket' ? { ticket } : {}),
    signal,
  };
}

/** A transport that a test feeds; it keeps back what comes while it is paused. */
export class FedTransport implements Transport {
  onFrame: (frame: Buffer) => void = ignore;
  onDrain: () => void = ignore;
  onClose: (reason: { code: number; reason: string }) => void = ignore;
  readonly bufferedBytes = 0;
  readonly #send: (frame: Buffer) => void;
  #waiting: Buffer[] = [];
  #paused = false;
  #ending = false;
  /** Bytes that were handed to the listener. */
  deliveredBytes = 0;
  /** Of them, those of the last frame. */
  lastBytes = 0;

  constructor(send: (frame: Buffer) => void = ignore) {
    this.#send = send;
  }

  feed(frame: Buffer): void {
    this.#waiting.push(frame);
    this.#deliver();
  }

  /** The other side goes once everything was delivered. */
  end(): void {
    this.#ending = true;
    this.#deliver();
  }

  send(frame: Uint8Array): boolean {
    this.#send(Buffer.from(frame));
    return true;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#deliver();
  }

  flush(): void {}
  close(_code: number, _reason: string): void {}
  terminate(): void {}

  #deliver(): void {
    while (!this.#paused && this.#waiting.length > 0) {
      const frame = this.#waiting.shift() ?? Buffer.alloc(0);
      this.deliveredBytes += frame.length;
      this.lastBytes = frame.length;
      this.onFrame(frame);
    }
    if (!this.#ending || this.#waiting.length > 0) return;
    this.#ending = false;
    this.onClose({ code: CloseCode.lost, reason: 'The other side went away' });
  }
}

export function ioOver(transport: Transport): TransportHandshakeIo {
  return transportHandshakeIo(transport, EXPORTER);
}

/** What is done to a message on its way, by its number in the handshake. */
export type Tamper = (message: Buffer, number: number) => Buffer;

/** Both sides, connected through somebody in between; `sent` and `received` are the messages by number. */
export function connected(tamper: Tamper): {
  host: FedTransport;
  client: FedTransport;
  messages: { from: 'client' | 'host'; sent: Buffer; received: Buffer }[];
} {
  const messages: { from: 'client' | 'host'; sent: Buffer; received: Buffer }[] = [];
  const pass = (from: 'client' | 'host', frame: Buffer): void => {
    const decoded = decodeFrame(frame);
    const sent = decoded.kind === FrameKind.control ? decoded.payload : Buffer.alloc(0);
    const received = tamper(sent, messages.length);
    messages.push({ from, sent, received });
    (from === 'client' ? host : client).feed(encodeControl(FrameKind.control, 0, received));
  };
  const client = new FedTransport((frame) => pass('client', frame));
  const host = new FedTransport((frame) => pass('host', frame));
  return { host, client, messages };
}

/** Real handshakes as lines for the target: what each side said, and which party hears it. */
export async function recordHandshakes(): Promise<[name: string, lines: string][]> {
  const recorded: [string, string][] = [];
  for (const way of ['signs', 'asks first', 'has a ticket'] as const) {
    const parties = makeParties(new AbortController().signal);
    const { host, client, messages } = connected((message) => message);
    await Promise.all([
      handshakeAsHost(ioOver(host), hostOptions(parties, parties.userKey.publicKey)),
      handshakeAsClient(ioOver(client), clientOptions(parties, way, ignore)),
    ]);
    const said = (from: 'client' | 'host'): string =>
      messages
        .filter((message) => message.from === from)
        .map(({ sent }) => `1${sent.toString()}`)
        .join('\n');
    const name = way.replaceAll(' ', '-');
    recorded.push(
      [`host-hears-${name}`, `host\n${said('client')}`],
      [`client-hears-${name}`, `client\n${said('host')}`],
    );
    recorded.push([`between-${name}`, `between\n${way}\n0\n0`]);
    if (way === 'asks first') recorded.push(['host-hears-many-tries', `host\n${asksAgain(said('client'))}`]);
  }
  recorded.push([
    'host-hears-much',
    `host\n${`1${JSON.stringify({ type: 'hello', id: randomUUID(), x: 'x'.repeat(900) })}\n`.repeat(20)}`,
  ]);
  return recorded;
}

/** It may ask about its key as often as it likes, which only the budget ends. */
function asksAgain(said: string): string {
  const [hello = '', ask = ''] = said.split('\n');
  const long = ask.replace('}', `,"x":"${'x'.repeat(1800)}"}`);
  return [hello, ...Array.from({ length: 10 }, () => long)].join('\n');
}

function newKey(comment: string): Signer {
  return keySigner(generateKeyPairSync('ed25519').privateKey, comment);
}

// oxlint-disable-next-line require-await -- keys come one at a time, as from files
async function* oneKey(key: Signer): AsyncGenerator<Signer> {
  yield key;
}

function ignore(): void {}
