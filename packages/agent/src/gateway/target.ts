import type { RawMessage, RequestType } from '@holdfast/protocol';

/** A client's request on its way to a session host: what is asked, and the frames to pass on. */
export type Forwarded = {
  id: number;
  type: RequestType;
  frames: readonly Uint8Array[];
  /** Sees the answer before the client does, and which generation gave it. */
  onAnswer: (answer: RawMessage, from: { readonly name: string }) => void;
};

/** Where frames of a client go: a session host, or one that is still being found out. */
export interface Target {
  /** Passes a frame on. False: too much waits, so the client is not to be read until this target drains. */
  send(frame: Uint8Array): boolean;
  /** Passes a request on; its answer goes to the client. */
  forward(request: Forwarded): boolean;
  /** True when what is sent here ends up at `other`. */
  leadsTo(other: Target): boolean;
}

/** Bytes that may wait for a decision before the client is not read any more. */
const WAITING_BYTES = 256 * 1024;

/** Keeps frames in their order while it is found out which session host they are for. */
export class UndecidedTarget implements Target {
  #decided: Target | undefined;
  #waiting: ((target: Target) => void)[] = [];
  #waitingBytes = 0;
  readonly #onDrain: () => void;

  /**
   * @param decision the target, at last; when it rejects, requests are refused for that reason and data is dropped
   * @param listeners how to refuse a request, and what to do when the client may be read again
   */
  constructor(
    decision: Promise<Target>,
    listeners: { onRefused: (request: Forwarded, error: unknown) => void; onDrain: () => void },
  ) {
    this.#onDrain = listeners.onDrain;
    decision.then(
      (target) => this.#decide(target),
      (error: unknown) => this.#decide(refusing((request) => listeners.onRefused(request, error))),
    );
  }

  send(frame: Uint8Array): boolean {
    if (this.#decided !== undefined) return this.#decided.send(frame);
    return this.#wait(frame.length, (target) => target.send(frame));
  }

  forward(request: Forwarded): boolean {
    if (this.#decided !== undefined) return this.#decided.forward(request);
    const bytes = request.frames.reduce((sum, frame) => sum + frame.length, 0);
    return this.#wait(bytes, (target) => target.forward(request));
  }

  leadsTo(other: Target): boolean {
    return this.#decided?.leadsTo(other) ?? false;
  }

  #wait(bytes: number, pass: (target: Target) => void): boolean {
    this.#waiting.push(pass);
    this.#waitingBytes += bytes;
    return this.#waitingBytes <= WAITING_BYTES;
  }

  #decide(target: Target): void {
    this.#decided = target;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const pass of waiting) pass(target);
    this.#onDrain();
  }
}

function refusing(refuse: (request: Forwarded) => void): Target {
  return {
    leadsTo: () => false,
    send: () => true,
    forward: (request) => {
      refuse(request);
      return true;
    },
  };
}
