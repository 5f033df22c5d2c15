import * as v from 'valibot';
import { RemotingError, type ErrorId } from './errors.ts';
import { MessageAssembler, MAX_HANDSHAKE_BYTES, receivedError, type RawMessage } from './message-codec.ts';
import { issueText, printable } from './schema-issue.ts';
import { sshsigData } from './ssh/sshsig.ts';
import { wireString } from './ssh/wire.ts';

/** Bytes of each side's nonce. */
export const NONCE_BYTES = 32;

/** Namespaces of the signatures (PROTOCOL.sshsig): one role's signature is worth nothing in the other. */
export const SIGNATURE_NAMESPACE = { host: 'holdfast-host@v1', user: 'holdfast-user@v1' } as const;

/** First field of what a ticket's proof is computed over. */
export const TICKET_PROOF_LABEL = 'holdfast-ticket@v1';

const versionNumber = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(0xffff));
const capabilities = v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.maxLength(64));
/** Shown to people: no control characters, so that no peer can send escape sequences to a terminal. */
const label = v.pipe(
  v.string(),
  v.maxLength(255),
  v.regex(/^[^\p{Cc}\p{Cf}\p{Cs}]*$/u, 'Control characters are not allowed'),
);
const bytes = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9+/]+={0,2}$/, 'Base64 is expected'),
  v.transform((text) => Buffer.from(text, 'base64')),
);
const nonce = v.pipe(bytes, v.length(NONCE_BYTES));
const ticketText = v.pipe(v.string(), v.minLength(1), v.maxLength(8192));

/** First message of all, from the client. */
export const ClientHello = v.object({
  type: v.literal('hello'),
  min: versionNumber,
  max: versionNumber,
  capabilities,
  nonce,
  /** The Unix user to be on the host. */
  user: v.pipe(label, v.minLength(1)),
  clientId: v.pipe(v.string(), v.uuid()),
  clientName: label,
  product: label,
});
export type ClientHello = v.InferOutput<typeof ClientHello>;

/** The host's answer; its proof follows in a message of its own, which signs these exact bytes. */
export const HostReply = v.object({
  type: v.literal('hello.reply'),
  version: versionNumber,
  capabilities,
  nonce,
  hostKey: bytes,
  /** An OpenSSH certificate for the host key, for clients that know its authority. */
  hostCertificate: v.optional(bytes),
  product: label,
});
export type HostReply = v.InferOutput<typeof HostReply>;

/** SSH signature blob of the host key. */
export const HostProof = v.object({ type: v.literal('hello.proof'), signature: bytes });

/** What the client may say until it is let in. */
export const AuthRequest = v.variant('type', [
  /** Would this key be let in? Answered by auth.continue or auth.refused. */
  v.object({ type: v.literal('auth.try'), publicKey: bytes }),
  v.object({ type: v.literal('auth.sign'), publicKey: bytes, signature: bytes }),
  v.object({ type: v.literal('auth.ticket'), ticket: ticketText, proof: bytes }),
]);
export type AuthRequest = v.InferOutput<typeof AuthRequest>;

/** What the host answers to an AuthRequest. */
export const AuthAnswer = v.variant('type', [
  v.object({ type: v.literal('auth.continue') }),
  v.object({ type: v.literal('auth.refused') }),
  v.object({
    type: v.literal('auth.ok'),
    /** As the host spells it. */
    user: label,
    roles: v.array(label),
    /** Absent after a resume: the old ticket goes on until its end. */
    ticket: v.optional(v.object({ ticket: ticketText, secret: v.string(), expiresAt: v.number() })),
  }),
]);
export type AuthAnswer = v.InferOutput<typeof AuthAnswer>;

/** Proves the key of an earlier authentication again, for 24 h at most; kept in memory only. */
export type Ticket = {
  ticket: string;
  /** Base64; never leaves the client again. */
  secret: string;
  /** Milliseconds since 1970, on the agent's clock. */
  expiresAt: number;
};

/** Carries whole handshake messages; transportHandshakeIo() makes one of a transport. */
export type HandshakeIo = {
  send(message: Buffer): void;
  /** @throws RemotingError ConnectionLost, FrameTooLarge, ProtocolViolation, or the signal's reason */
  receive(signal: AbortSignal): Promise<Buffer>;
  /** 32 bytes that only the two ends of this TLS connection know (RFC 9266, `tls-exporter`). */
  exporter: Buffer;
};

/** Encodes a message; the very bytes become part of what is signed. */
export function encodeHandshake(message: { type: string; [field: string]: unknown }): Buffer {
  return Buffer.from(JSON.stringify(message));
}

/** @throws RemotingError InvalidMessage when the bytes are no message */
export function decodeHandshake(message: Buffer): RawMessage {
  const raw = new MessageAssembler(MAX_HANDSHAKE_BYTES).accept(0, message, true);
  // With isLast it always is one; the codec's type does not say so.
  if (raw === undefined) throw new RemotingError('InvalidMessage', 'A handshake message is not complete');
  return raw;
}

/** @throws RemotingError InvalidMessage when the message is not as the schema has it */
export function checkHandshake<const S extends v.GenericSchema>(schema: S, message: RawMessage): v.InferOutput<S> {
  const result = v.safeParse(schema, message);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const problem = `${printable(message.type)} is not as agreed: ${issueText(issue, 'message')}`;
  throw new RemotingError('InvalidMessage', problem);
}

/** What a host may refuse with before it has proved itself: nothing that says who may do what. */
const HEARSAY: ReadonlySet<string> = new Set<ErrorId>([
  'VersionMismatch',
  'InvalidMessage',
  'ProtocolViolation',
  'FrameTooLarge',
  'HandshakeTimeout',
  'TooManyConnections',
  'ComeBackLater',
  'InternalError',
]);

/**
 * The error that an `error` message stands for, its text made safe to print. From a host that has not proved itself,
 * whatever could end a session for good is no more than a ConnectionRefused.
 */
export function handshakeError(message: RawMessage, isProved: boolean): RemotingError {
  const claimed = receivedError(message, 'AccessDenied');
  const id = isProved || HEARSAY.has(claimed.id) ? claimed.id : 'ConnectionRefused';
  return new RemotingError(id, printable(claimed.message));
}

/** Everything that both sides saw: the TLS connection and both hellos, byte for byte. */
export type Transcript = { exporter: Buffer; clientHello: Buffer; hostReply: Buffer };

/** The bytes that `publicKey` signs to prove itself in a handshake. */
export function proofData(role: keyof typeof SIGNATURE_NAMESPACE, transcript: Transcript, publicKey: Buffer): Buffer {
  return sshsigData(SIGNATURE_NAMESPACE[role], Buffer.concat([...transcriptFields(transcript), wireString(publicKey)]));
}

/** The bytes under a ticket's HMAC. */
export function ticketProofData(transcript: Transcript, ticket: string): Buffer {
  return Buffer.concat([wireString(TICKET_PROOF_LABEL), ...transcriptFields(transcript), wireString(ticket)]);
}

function transcriptFields(transcript: Transcript): Buffer[] {
  return [transcript.exporter, transcript.clientHello, transcript.hostReply].map(wireString);
}
