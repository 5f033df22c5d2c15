import type { Transport } from './transport.ts';

/** Anything that has data frames to send on a link. */
export interface FrameSource {
  nextFrame(): Buffer | undefined;
}

/** Shares one link among channels: a frame from each in turn, no more than the link takes, so no flood delays another channel. */
export class FrameScheduler {
  readonly #transport: Transport;
  readonly #ready = new Set<FrameSource>();
  #blocked = false;
  #running = false;

  /** The owner of the transport calls `onDrain` when the transport says so. */
  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Says that `source` may have frames; they leave in this turn as far as the link takes them. */
  wake(source: FrameSource): void {
    this.#ready.add(source);
    if (!this.#running && !this.#blocked) this.#run();
  }

  /** Forgets a source; none of its frames leave any more. */
  remove(source: FrameSource): void {
    this.#ready.delete(source);
  }

  readonly onDrain = (): void => {
    this.#blocked = false;
    this.#run();
  };

  #run(): void {
    this.#running = true;
    try {
      for (let source = this.#first(); source !== undefined && !this.#blocked; source = this.#first()) {
        // Taken out and put back at the end, so that the next frame is another channel's.
        this.#ready.delete(source);
        const frame = source.nextFrame();
        if (frame === undefined) continue;
        this.#ready.add(source);
        this.#blocked = !this.#transport.send(frame);
      }
    } finally {
      this.#running = false;
    }
    this.#transport.flush();
  }

  #first(): FrameSource | undefined {
    return this.#ready.values().next().value;
  }
}
