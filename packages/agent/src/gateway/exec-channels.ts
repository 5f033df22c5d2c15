import { FrameKind } from '@holdfast/protocol';

/** Channels that are over may still acknowledge their last output; so many are kept for that. */
const MAX_ENDED = 256;

/** Channel pairs of one-shot commands: a client that runs many on one connection must not fill the gateway's memory. */
export class ExecChannels {
  readonly #running = new Map<number, readonly number[]>();
  readonly #ended: (readonly number[])[] = [];

  /** Notes a one-shot on `channel` and its channel for errors. */
  start(channel: number, errorChannel: number): void {
    this.#running.set(channel, [channel, errorChannel]);
  }

  /** Looks at a host's frame. @returns channels whose routes are of no use any more */
  onHostFrame(frame: Buffer): readonly number[] {
    if (this.#running.size === 0 || frame[0] !== FrameKind.control) return [];
    const channel = frame.readUInt32BE(1);
    const pair = this.#running.get(channel);
    if (pair === undefined || !frame.includes('"exec.ended"', 5)) return [];
    this.#running.delete(channel);
    this.#ended.push(pair);
    return this.#ended.length > MAX_ENDED ? (this.#ended.shift() ?? []) : [];
  }
}
