import { RemotingError, isErrorId, type ErrorId } from './errors.ts';
import { FrameKind, MAX_PAYLOAD, encodeControl } from './frame.ts';

/** Most bytes of one control message after authentication: a command of 1 MiB with every byte escaped in JSON still fits. */
export const MAX_MESSAGE_BYTES = 8 * 1024 * 1024;

/** Most bytes of one control message before authentication. */
export const MAX_HANDSHAKE_BYTES = 16 * 1024;

/** What a piece counts for at least: many tiny ones would take far more memory than they have bytes. */
const MIN_PIECE_BYTES = 1024;

/** A control message before its schema is checked. */
export type RawMessage = { type: string; id?: number; [field: string]: unknown };

/** Encodes a control message as one frame or, above 32 KiB, several. */
export function encodeMessage(channel: number, message: object): Buffer[] {
  const payload = Buffer.from(JSON.stringify(message));
  const frames: Buffer[] = [];
  for (let at = 0; at === 0 || at < payload.length; at += MAX_PAYLOAD) {
    const last = at + MAX_PAYLOAD >= payload.length;
    frames.push(
      encodeControl(last ? FrameKind.control : FrameKind.controlPart, channel, payload.subarray(at, at + MAX_PAYLOAD)),
    );
  }
  return frames;
}

/** Puts the pieces of control messages together, per channel. */
export class MessageAssembler {
  readonly #maxBytes: number;
  readonly #parts = new Map<number, { pieces: Buffer[]; bytes: number }>();

  constructor(maxBytes: number = MAX_MESSAGE_BYTES) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes the payload of a control frame.
   * @returns the message when `isLast`, else undefined
   * @throws RemotingError FrameTooLarge when the pieces exceed the limit, InvalidMessage when they are no JSON object with a type
   */
  accept(channel: number, payload: Buffer, isLast: boolean): RawMessage | undefined {
    const parts = this.#parts.get(channel) ?? { pieces: [], bytes: 0 };
    parts.bytes += isLast ? payload.length : Math.max(payload.length, MIN_PIECE_BYTES);
    if (parts.bytes > this.#maxBytes) {
      throw new RemotingError('FrameTooLarge', `A control message is over the limit of ${this.#maxBytes} bytes`);
    }
    parts.pieces.push(payload);
    if (!isLast) {
      this.#parts.set(channel, parts);
      return undefined;
    }
    this.#parts.delete(channel);
    return parseMessage(parts.pieces.length === 1 ? payload : Buffer.concat(parts.pieces));
  }
}

/**
 * The error that an `error` message stands for.
 * @param unnamed its id where the message names none that is known here
 */
export function receivedError(message: RawMessage, unnamed: ErrorId = 'InternalError'): RemotingError {
  const { error, message: text, target } = message as Record<string, unknown>;
  const id = typeof error === 'string' && isErrorId(error) ? error : unnamed;
  // Whatever else stands there, such as an object that cannot be made a string, says nothing.
  const said = typeof text === 'string' ? text : 'The other side does not say why';
  return new RemotingError(id, said, typeof target === 'string' ? { target } : {});
}

function parseMessage(bytes: Buffer): RawMessage {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new RemotingError('InvalidMessage', 'A control message is not JSON', { cause });
  }
  if (!isRawMessage(value)) throw new RemotingError('InvalidMessage', 'A control message has no type');
  return value;
}

function isRawMessage(value: unknown): value is RawMessage {
  if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string') return false;
  return !('id' in value) || (typeof value.id === 'number' && Number.isSafeInteger(value.id));
}
