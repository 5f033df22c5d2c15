import type { Socket } from 'node:net';
import type { FlowDecision } from './fault-plan.ts';

/** A join that nothing more comes to does not wait for ever. */
const JOIN_MS = 5;
const SLOW_PIECE = 1024;

/** What a flow tells its link. */
export type FlowOptions = {
  from: Socket;
  to: Socket;
  decisions: Iterator<FlowDecision, undefined>;
  /** Told of each fault, and behind how many bytes in all it comes. */
  onFault: (decision: FlowDecision, at: number) => void;
  /** First bytes, as they come, while somebody wants them. */
  onBytes?: ((bytes: Buffer) => void) | undefined;
};

/** One direction of a connection: passes bytes on, and does to them what was decided, at the very byte. */
export class FaultFlow {
  readonly #options: FlowOptions;
  #next: FlowDecision | undefined;
  /** Bytes that pass before the next fault. */
  #left = Infinity;
  /** Where the last fault came, in bytes. */
  #at = 0;
  #waiting: Buffer[] = [];
  #busy = false;
  #held = false;
  #onRelease = (): void => {};
  #ended = false;

  constructor(options: FlowOptions) {
    this.#options = options;
    this.#takeDecision();
    options.from.on('data', (bytes: Buffer) => {
      options.onBytes?.(bytes);
      this.#waiting.push(bytes);
      void this.#pump();
    });
    options.from.on('close', () => this.#end());
    options.to.on('close', () => this.#end());
  }

  /** Nothing passes, and nothing closes, until `release`. */
  hold(): void {
    this.#held = true;
    this.#options.from.pause();
  }

  release(): void {
    this.#held = false;
    this.#onRelease();
    if (!this.#busy) this.#options.from.resume();
  }

  /** No more decisions: what comes passes. */
  calm(): void {
    this.#next = undefined;
    this.#left = Infinity;
  }

  async #pump(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#options.from.pause();
    while (this.#waiting.length > 0 && !this.#ended) {
      await this.#released();
      const bytes = Buffer.concat(this.#waiting.splice(0));
      const piece = bytes.subarray(0, this.#left);
      if (piece.length < bytes.length) this.#waiting.unshift(bytes.subarray(piece.length));
      this.#left -= piece.length;
      await this.#write(piece);
      if (this.#left === 0) await this.#befall();
    }
    this.#busy = false;
    if (!this.#held) this.#options.from.resume();
  }

  async #befall(): Promise<void> {
    const decision = this.#next;
    if (decision === undefined) return;
    this.#at += decision.afterBytes;
    this.#options.onFault(decision, this.#at);
    this.#takeDecision();
    const { kind, amount } = decision;
    if (kind === 'reset') this.#ended = true;
    else if (kind === 'delay' || kind === 'freeze') await pause(amount);
    else if (kind === 'split') await this.#inPieces(amount, 1);
    else if (kind === 'slow') await this.#inPieces(amount, SLOW_PIECE);
    else await this.#gather(amount);
  }

  /** Passes the next `total` bytes, as far as they are here, in pieces that the other side reads one by one. */
  async #inPieces(total: number, size: number): Promise<void> {
    let bytes = Buffer.concat(this.#waiting.splice(0));
    for (let left = Math.min(total, this.#left, bytes.length); left > 0 && !this.#ended;) {
      const piece = bytes.subarray(0, Math.min(size, left));
      bytes = bytes.subarray(piece.length);
      left -= piece.length;
      this.#left -= piece.length;
      await this.#write(piece);
      await pause(size === 1 ? 0 : 1);
    }
    if (bytes.length > 0) this.#waiting.unshift(bytes);
    if (this.#left === 0) await this.#befall();
  }

  /** Waits for more, which then leaves in one piece. */
  async #gather(bytes: number): Promise<void> {
    const before = performance.now();
    this.#options.from.resume();
    const have = (): number => this.#waiting.reduce((sum, chunk) => sum + chunk.length, 0);
    while (have() < bytes && performance.now() - before < JOIN_MS && !this.#ended) await pause(1);
    this.#options.from.pause();
  }

  async #write(bytes: Buffer): Promise<void> {
    const { to } = this.#options;
    if (bytes.length === 0 || this.#ended || to.write(bytes)) return;
    await new Promise<void>((resolve) => {
      to.once('drain', resolve).once('close', resolve);
    });
  }

  async #released(): Promise<void> {
    while (this.#held && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#onRelease = resolve;
      });
    }
  }

  #takeDecision(): void {
    this.#next = this.#options.decisions.next().value ?? undefined;
    this.#left = this.#next?.afterBytes ?? Infinity;
  }

  #end(): void {
    this.#ended = true;
    this.#onRelease();
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    if (milliseconds === 0) setImmediate(resolve);
    else setTimeout(resolve, milliseconds);
  });
}
