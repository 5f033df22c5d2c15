import type { TLSSocket } from 'node:tls';
import { RemotingError } from './errors.ts';
import { FrameKind, decodeFrame, encodeControl } from './frame.ts';
import type { HandshakeIo } from './handshake-messages.ts';
import { MAX_HANDSHAKE_BYTES } from './message-codec.ts';
import type { CloseReason, Transport } from './transport.ts';

/** Bytes of the TLS exporter. */
const EXPORTER_BYTES = 32;

/**
 * What only the two ends of a TLS connection know (RFC 9266, `tls-exporter`).
 * @throws RemotingError ProtocolViolation for anything older than TLS 1.3, where a relay could bring both ends to the same value
 */
export function tlsExporter(socket: Pick<TLSSocket, 'getProtocol' | 'exportKeyingMaterial'>): Buffer {
  const protocol = socket.getProtocol();
  if (protocol !== 'TLSv1.3')
    throw new RemotingError('ProtocolViolation', `The link speaks ${protocol ?? 'no TLS'} instead of TLSv1.3`);
  return socket.exportKeyingMaterial(EXPORTER_BYTES, 'EXPORTER-Channel-Binding', Buffer.alloc(0));
}

/** A HandshakeIo that gives its transport on. */
export type TransportHandshakeIo = HandshakeIo & {
  /**
   * Delivers what came in behind the handshake to the transport's present listeners. Call it in the same turn in which
   * the Link is made.
   */
  handOver(): void;
};

/**
 * Takes a transport's listeners for the handshake. Every message is one control frame on channel 0; any other frame, or
 * more than 16 KiB in all, ends it.
 * @param exporter see tlsExporter()
 */
export function transportHandshakeIo(transport: Transport, exporter: Buffer): TransportHandshakeIo {
  const frames: Buffer[] = [];
  let queuedBytes = 0;
  let takenBytes = 0;
  let closed: CloseReason | undefined;
  let wake = Promise.withResolvers<void>();
  const notify = (): void => {
    wake.resolve();
    wake = Promise.withResolvers();
  };
  transport.onFrame = (frame) => {
    frames.push(frame);
    queuedBytes += frame.length;
    // The rest waits in the kernel: nobody may fill our memory during a handshake.
    if (queuedBytes > MAX_HANDSHAKE_BYTES) transport.pause();
    notify();
  };
  transport.onClose = (reason) => {
    closed = reason;
    notify();
  };
  return {
    exporter,
    send: (message) => void transport.send(encodeControl(FrameKind.control, 0, message)),
    async receive(signal) {
      while (frames.length === 0 && closed === undefined) await untilAborted(wake.promise, signal);
      if (signal.aborted) throw abortError(signal);
      const frame = frames.shift();
      if (frame === undefined) throw lostError(closed);
      queuedBytes -= frame.length;
      takenBytes += frame.length;
      if (takenBytes > MAX_HANDSHAKE_BYTES) {
        throw new RemotingError('FrameTooLarge', `The handshake is over the limit of ${MAX_HANDSHAKE_BYTES} bytes`);
      }
      return payloadOf(frame);
    },
    handOver() {
      if (queuedBytes > MAX_HANDSHAKE_BYTES) transport.resume();
      for (const frame of frames.splice(0)) transport.onFrame(frame);
      if (closed !== undefined) transport.onClose(closed);
    },
  };
}

function payloadOf(bytes: Buffer): Buffer {
  const frame = decodeFrame(bytes);
  if (frame.kind === FrameKind.control && frame.channel === 0) return frame.payload;
  throw new RemotingError('ProtocolViolation', `A frame of kind ${frame.kind} came before authentication`);
}

async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw abortError(signal);
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(abortError(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function abortError(signal: AbortSignal): RemotingError {
  const reason: unknown = signal.reason;
  if (reason instanceof RemotingError) return reason;
  const timedOut = reason instanceof Error && reason.name === 'TimeoutError';
  if (timedOut)
    return new RemotingError('HandshakeTimeout', 'The other side did not answer in time', { cause: reason });
  return new RemotingError('OperationStopped', 'The handshake was stopped', { cause: reason });
}

function lostError(closed: CloseReason | undefined): RemotingError {
  const { code = 0, reason = '' } = closed ?? {};
  return new RemotingError('ConnectionLost', reason === '' ? `The link closed during the handshake (${code})` : reason);
}
