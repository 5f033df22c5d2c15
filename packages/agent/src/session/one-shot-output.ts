import type { Duplex } from 'node:stream';
import { ChannelSender, ReplayBuffer, type FrameSource } from '@holdfast/protocol';
import { openPipeEnd } from './pipe-end.ts';
import type { ChannelPort, ResumePoint } from './channel-port.ts';

/** Unsent bytes above which the program waits. */
const UNSENT_BYTES = 256 * 1024;

/** One output of a one-shot on its way to the client: kept until acknowledged, read only as fast as it leaves. */
export class OneShotOutput implements FrameSource {
  readonly channel: number;
  readonly #buffer = new ReplayBuffer();
  readonly #sender: ChannelSender;
  readonly #pipe: Duplex;
  #port: ChannelPort | undefined;
  #isAtEnd = false;
  #paused = false;

  /** @param readEnd descriptor of the pipe, which this object closes */
  constructor(options: { port: ChannelPort; readEnd: number; limit: number; onEnd: () => void }) {
    this.channel = options.port.channel;
    this.#port = options.port;
    this.#sender = new ChannelSender(this.channel, this.#buffer, 0, options.limit);
    this.#pipe = openPipeEnd(options.readEnd, 'read');
    this.#pipe.on('data', (chunk: Buffer) => this.#onData(chunk));
    this.#pipe.on('error', () => {
      // A pipe that cannot be read is at its end; 'close' follows.
    });
    this.#pipe.on('close', () => {
      this.#isAtEnd = true;
      options.onEnd();
    });
  }

  /** Whether all that was written has been read. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** Offset behind the last byte. */
  get end(): number {
    return this.#buffer.end;
  }

  get port(): ChannelPort | undefined {
    return this.#port;
  }

  nextFrame(): Buffer | undefined {
    const frame = this.#sender.nextFrame();
    if (frame !== undefined) this.#pace();
    return frame;
  }

  onAck(received: number, limit: number): void {
    this.#sender.onAck(received, limit);
    this.#buffer.acknowledge(received);
    this.#port?.wake(this);
  }

  /** Goes on over another link. */
  resume(port: ChannelPort, at: ResumePoint): void {
    if (this.#port !== port) this.#port?.release(this);
    this.#port = port;
    this.#buffer.acknowledge(at.receivedTo);
    this.#sender.restart(Math.max(this.#buffer.start, at.receivedTo), at.limit);
    // After the reply, which leaves in this turn.
    setImmediate(() => this.#port?.wake(this));
  }

  /** @returns whether it was this output's link that is gone */
  onLinkLost(port: ChannelPort): boolean {
    if (this.#port !== port) return false;
    this.#port = undefined;
    return true;
  }

  dispose(): void {
    this.#port?.release(this);
    this.#port = undefined;
    this.#pipe.destroy();
  }

  #onData(chunk: Buffer): void {
    this.#buffer.append(chunk);
    this.#port?.wake(this);
    this.#pace();
  }

  #pace(): void {
    const wait = this.#buffer.end - this.#sender.sent > UNSENT_BYTES;
    if (wait === this.#paused) return;
    this.#paused = wait;
    if (wait) this.#pipe.pause();
    else this.#pipe.resume();
  }
}
