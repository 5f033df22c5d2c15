/** Bytes waiting in a transport above which `send` asks the caller to wait; bounds how long an echo waits behind a flood. */
export const SEND_HIGH_WATER = 256 * 1024;

/** Why a transport closed: a WebSocket close code, or 1006 when the other side just went. */
export type CloseReason = { code: number; reason: string };

/**
 * Anything that carries whole frames, in order, both ways. The owner assigns the listeners before the first await
 * after it got the transport; a transport calls `onClose` exactly once and nothing after it.
 */
export interface Transport {
  /**
   * Queues one encoded frame; the frames of a turn leave together at its end. False: more than SEND_HIGH_WATER waits, and `onDrain` will be called.
   * Ignored after close.
   */
  send(frame: Uint8Array): boolean;
  /** Sends what was queued in this turn at once: somebody waits for it, and the turn has other work to do. */
  flush(): void;
  /** Bytes queued here and not yet taken by the kernel. */
  readonly bufferedBytes: number;
  onFrame: (frame: Buffer) => void;
  onDrain: () => void;
  onClose: (reason: CloseReason) => void;
  /** Stops reading; the peer's sends back up. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then closes. */
  close(code: number, reason: string): void;
  /** Closes at once and drops what is queued. */
  terminate(): void;
}

/** Close codes of our own (RFC 6455, 7.4.2: 4000-4999 are private). */
export const CloseCode = {
  normal: 1000,
  lost: 1006,
  protocol: 4400,
  denied: 4401,
  taken: 4409,
  tooMany: 4429,
  internal: 4500,
  goingAway: 4503,
} as const;
