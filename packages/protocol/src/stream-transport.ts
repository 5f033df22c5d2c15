import type { Duplex } from 'node:stream';
import { MAX_FRAME } from './frame.ts';
import { CloseCode, SEND_HIGH_WATER, type CloseReason, type Transport } from './transport.ts';

/** As many bytes are copied together, which is cheaper than a writev of the pieces. */
const COPIED_BYTES = 4096;

/** Frames over any duplex byte stream (a Unix socket, the standard streams of an ssh child): each behind its length as u32. */
export class StreamTransport implements Transport {
  onFrame: (frame: Buffer) => void = ignore;
  onDrain: () => void = ignore;
  onClose: (reason: CloseReason) => void = ignore;
  readonly #stream: Duplex;
  #received: Buffer[] = [];
  #receivedBytes = 0;
  /** Frames of this turn, each behind its length. */
  #queued: Uint8Array[] = [];
  #queuedBytes = 0;
  #closed = false;
  #paused = false;
  #reason: CloseReason = { code: CloseCode.lost, reason: 'The other side went away' };

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#onStreamData(chunk));
    stream.on('drain', () => this.onDrain());
    stream.on('error', (error) => this.#onStreamEnd(error.message));
    stream.on('end', () => this.#onStreamEnd('The other side closed'));
    stream.on('close', () => this.#onStreamEnd('The stream closed'));
  }

  get bufferedBytes(): number {
    return this.#queuedBytes + this.#stream.writableLength;
  }

  send(frame: Uint8Array): boolean {
    if (this.#closed || this.#stream.destroyed || this.#stream.writableEnded) return true;
    if (this.#queued.length === 0) process.nextTick(this.#flushNow);
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(frame.length, 0);
    this.#queued.push(length, frame);
    this.#queuedBytes += 4 + frame.length;
    return this.bufferedBytes <= SEND_HIGH_WATER;
  }

  pause(): void {
    this.#paused = true;
    this.#stream.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#stream.resume();
    if (this.#receivedBytes > 0) process.nextTick(() => this.#deliver());
  }

  close(code: number, reason: string): void {
    this.flush();
    this.#reason = { code, reason };
    this.#stream.end();
  }

  terminate(): void {
    this.#stream.destroy();
  }

  flush(): void {
    const queued = this.#queued;
    const bytes = this.#queuedBytes;
    this.#queued = [];
    this.#queuedBytes = 0;
    if (bytes === 0 || this.#closed || this.#stream.destroyed || this.#stream.writableEnded) return;
    if (bytes <= COPIED_BYTES) {
      this.#stream.write(Buffer.concat(queued, bytes));
      return;
    }
    this.#stream.cork();
    for (const piece of queued) this.#stream.write(piece);
    this.#stream.uncork();
  }

  readonly #flushNow = (): void => this.flush();

  #onStreamData(chunk: Buffer): void {
    this.#received.push(chunk);
    this.#receivedBytes += chunk.length;
    this.#deliver();
  }

  #deliver(): void {
    while (!this.#closed && !this.#paused && this.#receivedBytes >= 4) {
      const length = this.#peekLength();
      if (length > MAX_FRAME) {
        this.#reason = { code: CloseCode.protocol, reason: `A frame of ${length} bytes is over the limit` };
        this.#stream.destroy();
        return;
      }
      if (this.#receivedBytes < 4 + length) return;
      this.onFrame(this.#take(4 + length).subarray(4));
    }
  }

  #peekLength(): number {
    const first = this.#received[0];
    if (first !== undefined && first.length >= 4) return first.readUInt32BE(0);
    return this.#join().readUInt32BE(0);
  }

  #join(): Buffer {
    const joined = Buffer.concat(this.#received);
    this.#received = [joined];
    return joined;
  }

  #take(bytes: number): Buffer {
    const first = this.#received[0];
    const all = first !== undefined && first.length >= bytes ? first : this.#join();
    this.#receivedBytes -= bytes;
    if (all.length === bytes) this.#received.shift();
    else this.#received[0] = all.subarray(bytes);
    return all.subarray(0, bytes);
  }

  #onStreamEnd(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#reason.code === CloseCode.lost) this.#reason = { code: CloseCode.lost, reason };
    this.#stream.destroy();
    this.onClose(this.#reason);
  }
}

/** A frame as it stands on the stream: behind its length. */
export function frameOnStream(frame: Uint8Array): Buffer {
  const length = Buffer.allocUnsafe(4);
  length.writeUInt32BE(frame.length, 0);
  return Buffer.concat([length, frame]);
}

function ignore(): void {}
