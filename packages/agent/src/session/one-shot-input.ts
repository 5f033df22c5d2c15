import type { Duplex } from 'node:stream';
import { ChannelReceiver } from '@holdfast/protocol';
import { openPipeEnd } from './pipe-end.ts';

/** Standard input of a one-shot: each byte once, acknowledged when the pipe has taken it. */
export class OneShotInput {
  readonly #receiver: ChannelReceiver;
  readonly #pipe: Duplex;
  #endAt = Infinity;
  #isBroken = false;

  /** @param writeEnd descriptor of the pipe, which this object closes */
  constructor(channel: number, writeEnd: number, sendAck: (frame: Buffer) => void) {
    this.#receiver = new ChannelReceiver(channel, sendAck);
    this.#pipe = openPipeEnd(writeEnd, 'write');
    this.#pipe.on('error', () => {
      // EPIPE: the program reads no more. What still comes is taken and dropped, as in a shell's pipe.
      this.#isBroken = true;
    });
  }

  /** Input below this offset has been written. */
  get received(): number {
    return this.#receiver.consumed;
  }

  /** @throws RemotingError ProtocolViolation when bytes are missing */
  onData(offset: number, payload: Buffer): void {
    const bytes = this.#receiver.accept(offset, payload);
    if (bytes.length > 0) this.#write(bytes);
    this.#endIfDue();
  }

  /** No input follows `at`. */
  onEnd(at: number): void {
    this.#endAt = at;
    this.#endIfDue();
  }

  /** On a new link, the client goes on behind what was written. */
  restart(): void {
    this.#receiver.restart();
  }

  dispose(): void {
    this.#receiver.dispose();
    this.#pipe.destroy();
  }

  #write(bytes: Buffer): void {
    if (this.#isBroken || this.#pipe.writableEnded) this.#receiver.consume(bytes.length);
    else this.#pipe.write(bytes, () => this.#receiver.consume(bytes.length));
  }

  #endIfDue(): void {
    if (this.#receiver.received >= this.#endAt) this.#pipe.end();
  }
}
