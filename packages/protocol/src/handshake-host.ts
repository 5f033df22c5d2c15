import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { RemotingError } from './errors.ts';
import {
  AuthRequest,
  ClientHello,
  NONCE_BYTES,
  checkHandshake,
  decodeHandshake,
  encodeHandshake,
  proofData,
  ticketProofData,
  type HandshakeIo,
  type Ticket,
  type Transcript,
} from './handshake-messages.ts';
import type { CallerStamp } from './host-hello.ts';
import type { KeyRestrictions } from './key-restrictions.ts';
import type { RawMessage } from './message-codec.ts';
import { plainKey } from './ssh/certificate.ts';
import { fingerprint } from './ssh/public-key.ts';
import { verifySignature, type SignatureDemands } from './ssh/signature.ts';
import type { HostSigner } from './ssh/signer.ts';
import { SUPPORTED_VERSIONS, negotiateVersion, type VersionRange } from './version.ts';

/** Keys and tickets that a client may try before it is sent away. */
export const MAX_AUTH_TRIES = 6;

/** Who is on the other side, as authentication found out. */
export type Caller = CallerStamp;

/** A key or certificate that asks to be let in. */
export type AuthorizeRequest = { user: string; publicKey: Buffer; address: string };

/** Whether a key may act as a user. `reason` is for the log only: the client learns no more than that it is refused. */
export type AuthorizeResult =
  | {
      accepted: true;
      user: string;
      roles: Caller['roles'];
      restrictions?: KeyRestrictions | undefined;
      /** What the signature must show, if it is that of a security key. */
      demands?: SignatureDemands | undefined;
      /** Stands for what is said of the key where it is let in: a ticket ends when that changes. */
      terms?: string | undefined;
      /** See CallerStamp. */
      certificate?: string | undefined;
    }
  | { accepted: false; reason: string };
type Authorized = Extract<AuthorizeResult, { accepted: true }>;

/** What a ticket stands for. */
export type TicketGrant = { user: string; publicKey: Buffer; clientId: string; terms?: string | undefined };

/** Seals tickets and opens them again. */
export type TicketStore = {
  /** Undefined when the key is so large that no ticket can hold it. */
  issue(grant: TicketGrant): Ticket | undefined;
  /** Undefined for a ticket that is forged, damaged, sealed with another key, or too old. */
  open(ticket: string): (TicketGrant & { secret: Buffer }) | undefined;
};

/** An attempt that was refused, for the log. */
export type Refusal = { user: string; key: string | undefined; reason: string };

export type HostHandshakeOptions = {
  hostKey: HostSigner;
  /** Name and version of this program. */
  product: string;
  /** The client's address, to be shown and logged. */
  address: string;
  authorize: (request: AuthorizeRequest) => Promise<AuthorizeResult>;
  tickets: TicketStore;
  onRefused?: (refusal: Refusal) => void;
  capabilities?: readonly string[];
  versions?: VersionRange;
  /** The client must be in by then; 10 s by default. */
  timeoutMs?: number;
  /** A refusal leaves this long after the request, or a doubling of it: its time tells nothing. 20 ms by default. */
  refusalMs?: number;
  signal: AbortSignal;
};

export type HostHandshakeResult = {
  caller: Caller;
  clientId: string;
  clientName: string;
  version: number;
  capabilities: string[];
  /** Let in by a ticket. */
  resumed: boolean;
};

type Attempt = { hello: ClientHello; transcript: Transcript; options: HostHandshakeOptions };
type Verdict =
  | { type: 'continue' }
  | { type: 'refused'; key: string | undefined; reason: string }
  | { type: 'ok'; authorized: Authorized; publicKey: Buffer; resumed: boolean };

/**
 * The agent's side of the handshake (docs/protocol.md): proves the host key first, then lets the client prove a key or
 * a ticket. On failure the client is told in one `error` message; the caller closes the transport.
 * @throws RemotingError VersionMismatch, InvalidMessage, AccessDenied, HandshakeTimeout, and what io.receive throws
 */
export async function handshakeAsHost(io: HandshakeIo, options: HostHandshakeOptions): Promise<HostHandshakeResult> {
  const { timeoutMs = 10_000 } = options;
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    deadline.abort(
      new RemotingError('HandshakeTimeout', `The client did not prove itself within ${timeoutMs / 1000} s`),
    );
  }, timeoutMs);
  const signal = AbortSignal.any([options.signal, deadline.signal]);
  try {
    return await converse(io, options, signal);
  } catch (error) {
    const known = asRemotingError(error, options.signal);
    io.send(encodeHandshake({ type: 'error', error: known.id, message: known.message }));
    throw known;
  } finally {
    clearTimeout(timer);
  }
}

function asRemotingError(error: unknown, signal: AbortSignal): RemotingError {
  if (error instanceof RemotingError) return error;
  if (signal.aborted) return new RemotingError('OperationStopped', 'The handshake was stopped', { cause: error });
  return new RemotingError('InternalError', 'The handshake failed', { cause: error });
}

async function converse(
  io: HandshakeIo,
  options: HostHandshakeOptions,
  signal: AbortSignal,
): Promise<HostHandshakeResult> {
  const clientHello = await io.receive(signal);
  const hello = checkHandshake(ClientHello, expectType(decodeHandshake(clientHello), ['hello']));
  const version = chooseVersion(options.versions ?? SUPPORTED_VERSIONS, hello);
  const { hostKey } = options;
  const hostReply = encodeHandshake({
    type: 'hello.reply',
    version,
    capabilities: options.capabilities ?? [],
    nonce: randomBytes(NONCE_BYTES).toString('base64'),
    hostKey: hostKey.publicKey.toString('base64'),
    hostCertificate: hostKey.certificate?.toString('base64'),
    product: options.product,
  });
  const transcript = { exporter: io.exporter, clientHello, hostReply };
  io.send(hostReply);
  const signature = await hostKey.sign(proofData('host', transcript, hostKey.publicKey));
  io.send(encodeHandshake({ type: 'hello.proof', signature: signature.toString('base64') }));
  const granted = await authenticate(io, { hello, transcript, options }, signal);
  return {
    caller: callerOf(granted, options.address),
    clientId: hello.clientId,
    clientName: hello.clientName,
    version,
    capabilities: hello.capabilities,
    resumed: granted.resumed,
  };
}

function callerOf({ authorized, publicKey }: Extract<Verdict, { type: 'ok' }>, address: string): Caller {
  const { user, roles, restrictions, certificate } = authorized;
  const about = {
    ...(restrictions === undefined ? {} : { restrictions }),
    ...(certificate === undefined ? {} : { certificate }),
  };
  return { user, roles, key: keyName(publicKey), address, ...about };
}

async function authenticate(
  io: HandshakeIo,
  attempt: Attempt,
  signal: AbortSignal,
): Promise<Extract<Verdict, { type: 'ok' }>> {
  const { options, hello } = attempt;
  for (let refused = 0; refused < MAX_AUTH_TRIES;) {
    const message = expectType(decodeHandshake(await io.receive(signal)), ['auth.try', 'auth.sign', 'auth.ticket']);
    const startedAt = performance.now();
    const verdict = await judge(attempt, checkHandshake(AuthRequest, message));
    signal.throwIfAborted();
    if (verdict.type === 'ok') {
      io.send(encodeHandshake(welcome(attempt, verdict)));
      return verdict;
    }
    if (verdict.type === 'refused') {
      refused += 1;
      options.onRefused?.({ user: hello.user, key: verdict.key, reason: verdict.reason });
      await hideDuration(startedAt, options.refusalMs ?? 20, signal);
    }
    io.send(encodeHandshake({ type: `auth.${verdict.type}` }));
  }
  throw new RemotingError('AccessDenied', `${MAX_AUTH_TRIES} keys were tried, and none may act as ${hello.user}`);
}

function welcome(
  attempt: Attempt,
  verdict: Extract<Verdict, { type: 'ok' }>,
): { type: string; [field: string]: unknown } {
  const { authorized, publicKey, resumed } = verdict;
  const { user, roles, terms } = authorized;
  const { clientId, user: asked } = attempt.hello;
  // No new ticket for a ticket: the keys themselves are asked for again when the first one ends.
  const ticket = resumed ? undefined : attempt.options.tickets.issue({ user: asked, publicKey, clientId, terms });
  return { type: 'auth.ok', user, roles, ticket };
}

async function judge(attempt: Attempt, request: AuthRequest): Promise<Verdict> {
  if (request.type === 'auth.ticket') return judgeTicket(attempt, request);
  const { publicKey } = request;
  const key = keyName(publicKey);
  const { address, authorize } = attempt.options;
  const authorized = await authorize({ user: attempt.hello.user, publicKey, address });
  if (request.type === 'auth.try') {
    return authorized.accepted ? { type: 'continue' } : { type: 'refused', key, reason: authorized.reason };
  }
  // Checked for keys without access too: it must not show by the time it takes.
  const data = proofData('user', attempt.transcript, publicKey);
  const demands = authorized.accepted ? authorized.demands : undefined;
  const proved = verifySignature(plainKey(publicKey), request.signature, data, demands);
  if (!authorized.accepted) return { type: 'refused', key, reason: authorized.reason };
  if (!proved) return { type: 'refused', key, reason: wrongSignature(demands) };
  return { type: 'ok', authorized, publicKey, resumed: false };
}

async function judgeTicket(attempt: Attempt, request: { ticket: string; proof: Buffer }): Promise<Verdict> {
  const { hello, transcript, options } = attempt;
  const opened = options.tickets.open(request.ticket);
  if (opened === undefined) return { type: 'refused', key: undefined, reason: 'The ticket is not valid, or too old' };
  const key = keyName(opened.publicKey);
  const proof = createHmac('sha256', opened.secret).update(ticketProofData(transcript, request.ticket)).digest();
  if (proof.length !== request.proof.length || !timingSafeEqual(proof, request.proof)) {
    return { type: 'refused', key, reason: "The ticket's secret was not proved" };
  }
  if (opened.user !== hello.user || opened.clientId !== hello.clientId) {
    return { type: 'refused', key, reason: 'The ticket is another client’s' };
  }
  const { user, publicKey, terms = '' } = opened;
  const authorized = await options.authorize({ user, publicKey, address: options.address });
  if (!authorized.accepted) return { type: 'refused', key, reason: authorized.reason };
  if ((authorized.terms ?? '') !== terms) {
    return { type: 'refused', key, reason: 'The options of the key have changed since the ticket was given' };
  }
  return { type: 'ok', authorized, publicKey, resumed: true };
}

/** The fingerprint of a key; of a certificate, that of the key it vouches for, as in sshd's log. */
function keyName(publicKey: Buffer): string {
  return fingerprint(plainKey(publicKey));
}

function wrongSignature(demands: SignatureDemands | undefined): string {
  return demands?.verified === true
    ? 'The signature is wrong, or nobody proved to the security key who they are (verify-required)'
    : 'The signature is wrong';
}

function chooseVersion(ours: VersionRange, theirs: VersionRange): number {
  const version = negotiateVersion(ours, theirs);
  if (version !== undefined) return version;
  const older = theirs.max < ours.min ? 'client' : 'agent';
  throw new RemotingError(
    'VersionMismatch',
    `The agent speaks protocol ${ours.min} to ${ours.max}, the client ${theirs.min} to ${theirs.max}: update the ${older}`,
  );
}

function expectType(message: RawMessage, types: readonly string[]): RawMessage {
  if (types.includes(message.type)) return message;
  throw new RemotingError(
    'InvalidMessage',
    `${types.join(' or ')} is expected, not ${JSON.stringify(message.type.slice(0, 40))}`,
  );
}

/** Waits until a doubling of `leastMs` has passed since `startedAt`, as sshd does. */
async function hideDuration(startedAt: number, leastMs: number, signal: AbortSignal): Promise<void> {
  const elapsed = performance.now() - startedAt;
  let until = leastMs;
  while (until < elapsed && until > 0) until *= 2;
  try {
    await delay(Math.max(0, until - elapsed), undefined, { signal });
  } catch {
    // The signal's own reason says more than the timer's AbortError.
    signal.throwIfAborted();
  }
}
