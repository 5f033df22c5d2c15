import { RemotingError } from './errors.ts';
import { encodeAck } from './frame.ts';
import { ReceiveCursor } from './receive-cursor.ts';

/** Credit to begin with, and its bounds: enough for a fast reader, little in flight for a slow terminal. */
export const WINDOW_BYTES = { initial: 256 * 1024, min: 64 * 1024, max: 4 * 1024 * 1024 };

/** An acknowledgement leaves after this many consumed bytes or this long, whichever is first. */
export const ACK_BYTES = 8 * 1024;
export const ACK_DELAY_MS = 50;

/** Receives one direction of a channel: drops duplicates, acknowledges what was consumed, and grants credit. */
export class ChannelReceiver {
  readonly channel: number;
  readonly #cursor: ReceiveCursor;
  readonly #sendAck: (frame: Buffer) => void;
  #window = WINDOW_BYTES.initial;
  #consumed: number;
  #acknowledged: number;
  #limit: number;
  /** Bytes below this offset will never come, or are not kept here. */
  #skippedTo: number;
  #timer: NodeJS.Timeout | undefined;

  /** @param sendAck puts an encoded acknowledgement on the current link, or drops it when there is none */
  constructor(channel: number, sendAck: (frame: Buffer) => void, from = 0) {
    this.channel = channel;
    this.#sendAck = sendAck;
    this.#cursor = new ReceiveCursor(from);
    this.#consumed = from;
    this.#acknowledged = from;
    this.#limit = from + this.#window;
    this.#skippedTo = from;
  }

  /** Everything below this offset has arrived. */
  get received(): number {
    return this.#cursor.next;
  }

  /** Everything below this offset has been consumed. */
  get consumed(): number {
    return this.#consumed;
  }

  /** The peer may send bytes below this offset. */
  get limit(): number {
    return this.#limit;
  }

  /**
   * @returns the new bytes of a data frame
   * @throws RemotingError ProtocolViolation on a gap, and on more than any credit that a receiver ever gives: a limit
   *   that was given over an earlier link may be higher than the present one, but never by more
   */
  accept(offset: number, payload: Buffer): Buffer {
    const most = Math.max(this.#consumed, this.#skippedTo) + WINDOW_BYTES.max;
    if (offset + payload.length > most) {
      throw new RemotingError('ProtocolViolation', `Byte ${offset + payload.length} came beyond the credit`);
    }
    return this.#cursor.accept(offset, payload);
  }

  /** Says that the next `bytes` bytes were used up (written to the terminal, written to the program). */
  consume(bytes: number): void {
    this.#consumed += bytes;
    this.#tuneWindow();
    if (this.#consumed - this.#acknowledged >= ACK_BYTES) this.acknowledgeNow();
    else this.#timer ??= setTimeout(this.acknowledgeNow, ACK_DELAY_MS);
  }

  /** Acknowledges at once, and grants credit with it. */
  readonly acknowledgeNow = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#acknowledged = this.#consumed;
    this.#limit = Math.max(this.#limit, this.#consumed + this.#window);
    this.#sendAck(encodeAck(this.channel, this.#consumed, this.#limit));
  };

  /** Says that no byte below `offset` will come any more; they count as received, and consume() takes them in their turn. */
  skip(offset: number): void {
    if (offset <= this.#cursor.next) return;
    this.#cursor.jump(offset);
    this.#skippedTo = offset;
  }

  /** Goes on at `offset`: everything before it is stood for by a snapshot, or was dropped. */
  jump(offset: number): void {
    this.#cursor.jump(offset);
    this.#consumed = offset;
    this.#acknowledged = offset;
    this.#window = WINDOW_BYTES.initial;
    this.#limit = offset + this.#window;
  }

  /** On a new link: what was received but not consumed is still here, so the peer goes on behind it. */
  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#acknowledged = this.#consumed;
    this.#limit = this.#consumed + this.#window;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #tuneWindow(): void {
    const backlog = this.received - this.#consumed;
    const inFlightRoom = this.#limit - this.received;
    if (backlog === 0 && inFlightRoom < this.#window / 2) this.#window = Math.min(WINDOW_BYTES.max, this.#window * 2);
    else if (backlog > (this.#window * 3) / 4) this.#window = Math.max(WINDOW_BYTES.min, this.#window / 2);
  }
}
