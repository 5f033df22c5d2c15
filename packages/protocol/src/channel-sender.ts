import { RemotingError } from './errors.ts';
import { FrameKind, MAX_PAYLOAD, encodeData } from './frame.ts';
import type { ByteSource } from './replay-buffer.ts';

/** The first frame on a link, which comes through one that soon breaks; each next may be twice as large. */
const FIRST_PAYLOAD = 2 * 1024;

/** Sends the bytes of a source, by absolute offset, as far as the receiver's credit goes. */
export class ChannelSender {
  readonly channel: number;
  readonly #source: ByteSource;
  #sent: number;
  #acknowledged: number;
  #limit: number;
  #largest = FIRST_PAYLOAD;

  /** @param from first offset to send; `limit` the credit to begin with, an absolute offset */
  constructor(channel: number, source: ByteSource, from: number, limit: number) {
    this.channel = channel;
    this.#source = source;
    this.#sent = from;
    this.#acknowledged = from;
    this.#limit = limit;
  }

  /** Offset behind the last byte that was put on the link. */
  get sent(): number {
    return this.#sent;
  }

  /** Everything below this offset has been consumed by the receiver. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Bytes that may still be sent. */
  get credit(): number {
    return Math.max(0, this.#limit - this.#sent);
  }

  /** The next data frame, or undefined when there is no byte or no credit for one. */
  nextFrame(): Buffer | undefined {
    const room = Math.min(this.#largest, this.#limit - this.#sent, this.#source.end - this.#sent);
    if (room <= 0) return undefined;
    const bytes = this.#source.readFrom(this.#sent, room);
    if (bytes === undefined || bytes.length === 0) return undefined;
    const frame = encodeData(FrameKind.data, this.channel, this.#sent, bytes);
    this.#sent += bytes.length;
    if (bytes.length === this.#largest) this.#largest = Math.min(2 * this.#largest, MAX_PAYLOAD);
    return frame;
  }

  /**
   * Takes an acknowledgement. Credit never shrinks: a late ack changes nothing.
   * @throws RemotingError ProtocolViolation when it acknowledges what was never sent
   */
  onAck(received: number, limit: number): void {
    if (received > this.#sent) {
      throw new RemotingError(
        'ProtocolViolation',
        `Byte ${received} is acknowledged, but only ${this.#sent} were sent`,
      );
    }
    this.#acknowledged = Math.max(this.#acknowledged, received);
    this.#limit = Math.max(this.#limit, limit);
  }

  /** Goes on from another offset (a new link after `receivedTo`, or the far side of a snapshot) with fresh credit. */
  restart(from: number, limit: number): void {
    this.#sent = from;
    this.#acknowledged = from;
    this.#limit = limit;
    this.#largest = FIRST_PAYLOAD;
  }
}
