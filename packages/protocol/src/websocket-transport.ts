import type { RawData, WebSocket } from 'ws';
import { CloseCode, SEND_HIGH_WATER, type CloseReason, type Transport } from './transport.ts';

/** Below this many waiting bytes a blocked sender may go on. */
const SEND_LOW_WATER = SEND_HIGH_WATER / 4;

/** Most bytes of reason in a close frame (RFC 6455, 5.5.1). */
const MAX_REASON_BYTES = 123;

/** The byte stream under a WebSocket. */
export type Corkable = { cork(): void; uncork(): void };

/** Frames over a WebSocket (RFC 6455), one binary message each. The socket must be open. */
export class WebSocketTransport implements Transport {
  onFrame: (frame: Buffer) => void = ignore;
  onDrain: () => void = ignore;
  onClose: (reason: CloseReason) => void = ignore;
  readonly #socket: WebSocket;
  readonly #stream: Corkable | undefined;
  #blocked = false;
  #corked = false;

  /** @param stream the socket's own stream: frames of one turn then leave in one write, and one TLS record */
  constructor(socket: WebSocket, stream?: Corkable) {
    this.#socket = socket;
    this.#stream = stream;
    socket.on('message', (data, isBinary) => this.#onSocketMessage(data, isBinary));
    socket.on('close', (code, reason) => this.onClose({ code, reason: reason.toString() }));
    // 'close' follows every 'error'; without a listener the process would end.
    socket.on('error', ignore);
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(frame: Uint8Array): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return true;
    if (!this.#corked) this.#cork();
    // Only what is behind a queue can be what a blocked sender waits for.
    if (this.#socket.bufferedAmount > SEND_LOW_WATER) this.#socket.send(frame, this.#onSent);
    else this.#socket.send(frame);
    if (this.#socket.bufferedAmount <= SEND_HIGH_WATER) return true;
    this.#blocked = true;
    return false;
  }

  flush(): void {
    if (!this.#corked) return;
    this.#corked = false;
    this.#stream?.uncork();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, shortened(reason));
  }

  terminate(): void {
    this.#socket.terminate();
  }

  #cork(): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    this.#corked = true;
    stream.cork();
    process.nextTick(this.#flushNow);
  }

  readonly #flushNow = (): void => this.flush();

  readonly #onSent = (): void => {
    if (!this.#blocked || this.#socket.bufferedAmount > SEND_LOW_WATER) return;
    this.#blocked = false;
    this.onDrain();
  };

  #onSocketMessage(data: RawData, isBinary: boolean): void {
    if (!isBinary || !Buffer.isBuffer(data)) {
      this.close(CloseCode.protocol, 'Only binary messages are understood');
      return;
    }
    this.onFrame(data);
  }
}

/** As many whole characters as fit: half of one would be replaced by a mark that is longer, and `ws` would throw. */
function shortened(reason: string): Buffer {
  const bytes = new Uint8Array(MAX_REASON_BYTES);
  return Buffer.from(bytes.subarray(0, new TextEncoder().encodeInto(reason, bytes).written));
}

function ignore(): void {}
