import { createHmac, randomBytes } from 'node:crypto';
import { RemotingError } from './errors.ts';
import {
  AuthAnswer,
  HostProof,
  HostReply,
  NONCE_BYTES,
  checkHandshake,
  decodeHandshake,
  encodeHandshake,
  handshakeError,
  proofData,
  ticketProofData,
  type HandshakeIo,
  type Ticket,
  type Transcript,
} from './handshake-messages.ts';
import type { RawMessage } from './message-codec.ts';
import { fingerprint } from './ssh/public-key.ts';
import { verifySignature } from './ssh/signature.ts';
import type { Signer } from './ssh/signer.ts';
import { SUPPORTED_VERSIONS, type VersionRange } from './version.ts';

export type ClientHandshakeOptions = {
  /** The Unix user to be on the host. */
  user: string;
  clientId: string;
  /** Host name and process id of this client, to be shown to others. */
  clientName: string;
  /** Name and version of this program. */
  product?: string;
  /** Called when the host has proved `hostKey`: throws unless it is the key this host must have. The certificate is as the host sent it. */
  checkHostKey: (hostKey: Buffer, certificate: Buffer | undefined) => Promise<void>;
  /** In the order in which they are offered; asked for one at a time, and only when the ticket did not do. */
  keys: AsyncIterable<Signer>;
  /** Why keys are not among them, a sentence each; asked for when none was let in. */
  leftOut?: () => readonly string[];
  ticket?: Ticket | undefined;
  capabilities?: readonly string[];
  versions?: VersionRange;
  signal: AbortSignal;
};

export type ClientHandshakeResult = {
  version: number;
  capabilities: string[];
  /** The user as the host spells it. */
  user: string;
  roles: string[];
  /** For the next connection: a new one, or the one that was used. */
  ticket?: Ticket;
  /** Let in by the ticket. */
  resumed: boolean;
  hostKey: Buffer;
  agent: { product: string };
};

type Welcome = Extract<AuthAnswer, { type: 'auth.ok' }>;

/**
 * The client's side of the handshake (docs/protocol.md). The host proves its key before anything of ours is offered.
 * The host waits 10 s: when a person was asked meanwhile (a new host, a passphrase) and it gave up, connect again.
 * @throws RemotingError VersionMismatch, SignatureRejected (the host did not prove its key), AccessDenied (no key was
 * let in), InvalidMessage, whatever the host sent as an error, and what checkHostKey, a signer and io.receive throw
 */
export async function handshakeAsClient(
  io: HandshakeIo,
  options: ClientHandshakeOptions,
): Promise<ClientHandshakeResult> {
  const { signal } = options;
  const versions = options.versions ?? SUPPORTED_VERSIONS;
  const clientHello = encodeHandshake({
    type: 'hello',
    min: versions.min,
    max: versions.max,
    capabilities: options.capabilities ?? [],
    nonce: randomBytes(NONCE_BYTES).toString('base64'),
    user: options.user,
    clientId: options.clientId,
    clientName: options.clientName,
    product: options.product ?? 'holdfast',
  });
  io.send(clientHello);
  const hostReply = await io.receive(signal);
  const reply = checkHandshake(HostReply, unlessError(decodeHandshake(hostReply), false));
  if (reply.version < versions.min || reply.version > versions.max) {
    const message = `The host chose protocol ${reply.version}, but ${versions.min} to ${versions.max} are spoken here: update the older one`;
    throw new RemotingError('VersionMismatch', message);
  }
  const transcript = { exporter: io.exporter, clientHello, hostReply };
  await checkHost(io, transcript, reply, options);
  const { welcome, resumed } = await authenticate(io, transcript, options);
  const ticket = welcome.ticket ?? (resumed ? options.ticket : undefined);
  return {
    version: reply.version,
    capabilities: reply.capabilities,
    user: welcome.user,
    roles: welcome.roles,
    ...(ticket === undefined ? {} : { ticket }),
    resumed,
    hostKey: reply.hostKey,
    agent: { product: reply.product },
  };
}

async function checkHost(
  io: HandshakeIo,
  transcript: Transcript,
  { hostKey, hostCertificate }: HostReply,
  options: ClientHandshakeOptions,
): Promise<void> {
  const { signature } = checkHandshake(
    HostProof,
    unlessError(decodeHandshake(await io.receive(options.signal)), false),
  );
  if (!verifySignature(hostKey, signature, proofData('host', transcript, hostKey))) {
    throw new RemotingError(
      'SignatureRejected',
      `The host did not prove its key ${fingerprint(hostKey)} on this connection: somebody may be in between`,
    );
  }
  await options.checkHostKey(hostKey, hostCertificate);
}

async function authenticate(
  io: HandshakeIo,
  transcript: Transcript,
  options: ClientHandshakeOptions,
): Promise<{ welcome: Welcome; resumed: boolean }> {
  if (options.ticket !== undefined) {
    const welcome = await offerTicket(io, transcript, options.ticket, options.signal);
    if (welcome !== undefined) return { welcome, resumed: true };
  }
  const refused: string[] = [];
  const failed: string[] = [];
  for await (const key of options.keys) {
    try {
      const welcome = await offerKey(io, transcript, key, options.signal);
      if (welcome !== undefined) return { welcome, resumed: false };
      refused.push(key.comment);
    } catch (error) {
      // No passphrase, or an ssh-agent that refuses: another key may still do.
      if (!(error instanceof RemotingError) || error.id !== 'KeyFileUnusable') throw error;
      failed.push(error.message);
    }
  }
  throw new RemotingError('AccessDenied', refusal(options, refused, failed));
}

/** What was tried and what to do. `failed` are keys that did not sign, which the host may well want. */
function refusal(options: ClientHandshakeOptions, refused: readonly string[], failed: readonly string[]): string {
  const leftOut = options.leftOut?.() ?? [];
  const none = refused.length + failed.length === 0;
  const remedy = none
    ? ': no key was found to offer; make one with ssh-keygen, or name one as identity'
    : ": add the public key to that user's authorized_keys there, or name another as identity; the agent's log says why it refuses a key";
  const tried = refused.length === 0 ? '' : ` (refused: ${refused.join(', ')})`;
  const nobody = `The host lets in no key of ours as ${options.user}${tried}`;
  // What stands in the way of a key says itself what to do.
  const isAdvised = failed.length > 0 || (none && leftOut.length > 0);
  return [isAdvised ? nobody : nobody + remedy, ...failed, ...leftOut].join('. ');
}

async function offerTicket(
  io: HandshakeIo,
  transcript: Transcript,
  { ticket, secret }: Ticket,
  signal: AbortSignal,
): Promise<Welcome | undefined> {
  const proof = createHmac('sha256', Buffer.from(secret, 'base64'))
    .update(ticketProofData(transcript, ticket))
    .digest();
  io.send(encodeHandshake({ type: 'auth.ticket', ticket, proof: proof.toString('base64') }));
  return welcomeOf(await receiveAnswer(io, signal));
}

async function offerKey(
  io: HandshakeIo,
  transcript: Transcript,
  key: Signer,
  signal: AbortSignal,
): Promise<Welcome | undefined> {
  const publicKey = key.publicKey.toString('base64');
  if (key.askFirst === true) {
    io.send(encodeHandshake({ type: 'auth.try', publicKey }));
    const answer = await receiveAnswer(io, signal);
    if (answer.type === 'auth.refused') return undefined;
    if (answer.type === 'auth.ok')
      throw new RemotingError('ProtocolViolation', 'The host let a key in that had not signed');
  }
  const signature = await key.sign(proofData('user', transcript, key.publicKey));
  io.send(encodeHandshake({ type: 'auth.sign', publicKey, signature: signature.toString('base64') }));
  return welcomeOf(await receiveAnswer(io, signal));
}

function welcomeOf(answer: AuthAnswer): Welcome | undefined {
  if (answer.type === 'auth.continue')
    throw new RemotingError('ProtocolViolation', 'The host asks for what it already has');
  return answer.type === 'auth.ok' ? answer : undefined;
}

async function receiveAnswer(io: HandshakeIo, signal: AbortSignal): Promise<AuthAnswer> {
  return checkHandshake(AuthAnswer, unlessError(decodeHandshake(await io.receive(signal)), true));
}

function unlessError(message: RawMessage, isProved: boolean): RawMessage {
  if (message.type === 'error') throw handshakeError(message, isProved);
  return message;
}
