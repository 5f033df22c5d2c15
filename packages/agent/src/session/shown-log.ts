import { ChannelSender, type ByteSource } from '@holdfast/protocol';
import { snapshotFrames } from './snapshot-frames.ts';

/** What the keyboard's holder is sent of the output: a snapshot, if there is one, and every byte behind it. */
export class ShownLog {
  readonly #source: ByteSource;
  readonly #sender: ChannelSender;
  /**
   * Where the bytes behind the last snapshot begin; a client that has not come so far lacks the snapshot. Infinity before
   * the first show, when there is nothing to acknowledge.
   */
  #snapshotEnd = Infinity;
  /** Whether the client has consumed the snapshot. */
  #isSnapshotTaken = false;
  #frames: Buffer[] = [];

  constructor(channel: number, source: ByteSource) {
    this.#source = source;
    this.#sender = new ChannelSender(channel, source, source.end, source.end);
  }

  /** Everything below this offset was consumed by the client. */
  get acknowledged(): number {
    return this.#sender.acknowledged;
  }

  /** Whether the client has consumed what it was shown, and nothing is there behind that. */
  get hasAll(): boolean {
    return this.#isSnapshotTaken && this.acknowledged >= this.#source.end;
  }

  /** Output that waits to be sent. */
  get backlogBytes(): number {
    return this.#source.end - this.#sender.sent;
  }

  /** Goes on at `from`, behind a snapshot that stands for all before it. */
  begin(from: number, limit: number, snapshot: Buffer | undefined): void {
    this.#sender.restart(from, limit);
    this.#snapshotEnd = snapshot === undefined ? 0 : from;
    this.#isSnapshotTaken = snapshot === undefined;
    this.#frames = snapshot === undefined ? [] : snapshotFrames(this.#sender.channel, from, snapshot);
  }

  /** What is left of the snapshot is not sent. */
  stop(): void {
    this.#frames = [];
  }

  /** Whether a client that has received so much lacks a part of the last snapshot. */
  lacksSnapshot(receivedTo: number): boolean {
    return receivedTo < this.#snapshotEnd;
  }

  /** Goes on over a new link. */
  resume(receivedTo: number, limit: number): void {
    const { start, end } = this.#source;
    this.#sender.restart(Math.min(end, Math.max(start, receivedTo)), limit);
  }

  /** @throws Error when the log's disk does not give back what it took */
  nextFrame(): Buffer | undefined {
    return this.#frames.shift() ?? this.#sender.nextFrame();
  }

  /** @returns false for one that says nothing of what is sent now: it is from before a show */
  onAck(received: number, limit: number): boolean {
    if (received < this.#snapshotEnd || received > this.#sender.sent) return false;
    this.#sender.onAck(received, limit);
    this.#isSnapshotTaken = true;
    return true;
  }
}
