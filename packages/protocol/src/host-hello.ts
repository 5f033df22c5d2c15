import * as v from 'valibot';
import { RemotingError } from './errors.ts';
import { FrameKind, decodeFrame } from './frame.ts';
import { KeyRestrictions } from './key-restrictions.ts';
import {
  MAX_HANDSHAKE_BYTES,
  MessageAssembler,
  encodeMessage,
  receivedError,
  type RawMessage,
} from './message-codec.ts';
import { frameOnStream } from './stream-transport.ts';
import { CloseCode, type Transport } from './transport.ts';
import { SUPPORTED_VERSIONS, negotiateVersion } from './version.ts';

/** Who asks, as the gateway vouches for it; a local client vouches for itself, since only its user can open the socket. */
export const CallerStamp = v.object({
  user: v.string(),
  /** `restricted`: see restrictions. A session host that does not know them does not know this role, and refuses the caller. */
  roles: v.array(v.picklist(['owner', 'administrator', 'restricted'])),
  /** Fingerprint `SHA256:...` of the key that signed; `local` without a network. */
  key: v.string(),
  address: v.string(),
  restrictions: v.optional(KeyRestrictions),
  /** Id, serial number and authority of the certificate that let the key in. */
  certificate: v.optional(v.string()),
});
export type CallerStamp = v.InferOutput<typeof CallerStamp>;

const versionNumber = v.pipe(v.number(), v.integer(), v.minValue(1));
const capabilities = v.array(v.string());

/** First message on a session host's Unix socket, from the side that connects. */
export const HostHello = v.object({
  type: v.literal('hello'),
  min: versionNumber,
  max: versionNumber,
  clientId: v.pipe(v.string(), v.uuid()),
  clientName: v.string(),
  caller: CallerStamp,
  capabilities,
});
export type HostHello = v.InferOutput<typeof HostHello>;

/** The session host's answer. */
export const HostHelloReply = v.object({
  type: v.literal('hello.reply'),
  version: versionNumber,
  generation: v.string(),
  pid: v.number(),
  buildId: v.string(),
  /** A client that is silent for so many milliseconds holds nobody off. */
  takeAfterMs: v.optional(v.number()),
  capabilities,
});
export type HostHelloReply = v.InferOutput<typeof HostHelloReply>;

/** Who connects to a session host, and for whom. */
export type HostVisitor = { clientId: string; clientName: string; caller: CallerStamp };

/** The greeting as bytes for a stream: for a process that connects and lets another one read the answer. */
export function hostHelloOnStream(visitor: HostVisitor): Buffer {
  return Buffer.concat(encodeMessage(0, helloOf(visitor)).map(frameOnStream));
}

/**
 * Greets a session host. The transport stays paused until the next turn of the event loop: make the Link (which takes
 * the listeners) right after the await.
 * @throws RemotingError VersionMismatch, InvalidMessage, HandshakeTimeout (signal) or ConnectionLost
 */
export async function helloAsClient(
  transport: Transport,
  visitor: HostVisitor,
  signal?: AbortSignal,
): Promise<HostHelloReply> {
  send(transport, helloOf(visitor));
  return receiveHostReply(transport, signal);
}

/**
 * Waits for the answer to a greeting that was sent already; else like helloAsClient.
 * @throws RemotingError as helloAsClient does
 */
export async function receiveHostReply(transport: Transport, signal?: AbortSignal): Promise<HostHelloReply> {
  const message = await receiveOne(transport, signal);
  if (message.type === 'error') throw receivedError(message);
  return check(HostHelloReply, message);
}

/**
 * Answers whoever connected to a session host's socket. Make the Link right after the await, as for helloAsClient.
 * @throws RemotingError VersionMismatch or InvalidMessage (the other side was told, and the transport closed),
 *   HandshakeTimeout (signal) or ConnectionLost
 */
export async function helloAsHost(
  transport: Transport,
  reply: { generation: string; buildId: string; takeAfterMs?: number },
  signal?: AbortSignal,
): Promise<HostHello & { version: number }> {
  try {
    const hello = check(HostHello, await receiveOne(transport, signal));
    const version = negotiateVersion(SUPPORTED_VERSIONS, hello);
    if (version === undefined) throw mismatch(hello);
    send(transport, { type: 'hello.reply', version, ...reply, pid: process.pid, capabilities: [] });
    return { ...hello, version };
  } catch (error) {
    if (error instanceof RemotingError) send(transport, { type: 'error', error: error.id, message: error.message });
    transport.close(CloseCode.protocol, error instanceof Error ? error.message : String(error));
    throw error;
  }
}

function helloOf(visitor: HostVisitor): HostHello {
  return { type: 'hello', ...SUPPORTED_VERSIONS, ...visitor, capabilities: [] };
}

function mismatch(theirs: { min: number; max: number }): RemotingError {
  const ours = SUPPORTED_VERSIONS;
  return new RemotingError(
    'VersionMismatch',
    `This session host speaks versions ${ours.min} to ${ours.max}, the caller ${theirs.min} to ${theirs.max}: update the older one`,
  );
}

function send(transport: Transport, message: object): void {
  for (const frame of encodeMessage(0, message)) transport.send(frame);
}

function check<T>(schema: v.GenericSchema<unknown, T>, message: RawMessage): T {
  const result = v.safeParse(schema, message);
  if (result.success) return result.output;
  throw new RemotingError('InvalidMessage', `The greeting ${message.type} is not as agreed`);
}

function receiveOne(transport: Transport, signal: AbortSignal | undefined): Promise<RawMessage> {
  const assembler = new MessageAssembler(MAX_HANDSHAKE_BYTES);
  const { promise, resolve, reject } = Promise.withResolvers<RawMessage>();
  const onAbort = (): void => {
    transport.terminate();
    reject(new RemotingError('HandshakeTimeout', 'The other side did not greet in time'));
  };
  transport.onFrame = (bytes) => {
    try {
      const frame = decodeFrame(bytes);
      if (frame.kind !== FrameKind.control && frame.kind !== FrameKind.controlPart) {
        throw new RemotingError('ProtocolViolation', `A frame of kind ${frame.kind} came before the greeting`);
      }
      const message = assembler.accept(frame.channel, frame.payload, frame.kind === FrameKind.control);
      if (message === undefined) return;
      // What follows belongs to the Link, which its owner makes as soon as it runs.
      transport.pause();
      setImmediate(() => transport.resume());
      resolve(message);
    } catch (error) {
      reject(error instanceof Error ? error : new Error(String(error)));
    }
  };
  transport.onClose = ({ reason }) => reject(new RemotingError('ConnectionLost', reason));
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  return promise.finally(() => signal?.removeEventListener('abort', onAbort));
}
