import { setTimeout as sleep } from 'node:timers/promises';
import { RemotingError, type ErrorId, type Transport } from '@holdfast/protocol';
import type { ClientSettings } from './client-settings.ts';

/** An authenticated transport that nobody listens to yet: its Link must be made at once. */
export type DialedLink = {
  transport: Transport;
  /** The user that this client is on the host. */
  user: string;
  /** Delivers what came in meanwhile, to be called when the Link is made. */
  handOver?: () => void;
};

/** Opens a transport to one computer and is let in. Throws RemotingError; closes what it opened when it throws. */
export type Dial = (signal: AbortSignal) => Promise<DialedLink>;

/** What every first link is opened with. */
export type LinkOpening = {
  client: { clientId: string; clientName: string };
  settings: ClientSettings;
  environment: NodeJS.ProcessEnv;
  /** Ends the connecting, not the connection. */
  signal: AbortSignal | undefined;
};

/** Answers that another attempt would get again. */
const REFUSALS: ReadonlySet<ErrorId> = new Set([
  'AccessDenied',
  'HostKeyUnknown',
  'HostKeyChanged',
  'HostKeyRevoked',
  'SignatureRejected',
  'VersionMismatch',
  'SessionTaken',
  'HostUnavailable',
]);

/** Answers of a host that has too much to do: it is not to be asked four times a second. */
const OVERLOADED: ReadonlySet<ErrorId> = new Set(['ComeBackLater', 'TooManyConnections']);

/** However fast somebody types: a key that wakes the link starts no more attempts than one in this time. */
const LEAST_STEP_MS = 50;

/** True for an error that ends the retries: a person has to decide, or what was there is gone. */
export function isRefusal(error: unknown): error is RemotingError {
  return error instanceof RemotingError && REFUSALS.has(error.id);
}

/** One attempt: its own socket, and so many milliseconds to be let in. @throws what dial throws, or HandshakeTimeout */
async function attemptLink(dial: Dial, timeoutMs: number, signal: AbortSignal): Promise<DialedLink> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    return await dial(AbortSignal.any([timeout, signal]));
  } catch (error) {
    if (!timeout.aborted || signal.aborted || isRefusal(error)) throw error;
    throw new RemotingError('HandshakeTimeout', `No answer within ${timeoutMs} ms`, { cause: error });
  }
}

/** What the retry loop asks of its owner. */
export type RetryOptions = {
  dial: Dial;
  settings: ClientSettings;
  /** A person looks, or somebody waits for an answer: try often. */
  isWatched: () => boolean;
  /** The server said when to come back. */
  notBeforeMs: number;
  onAttemptFailed: (error: Error) => void;
  signal: AbortSignal;
};

/** Tries again and again until an attempt is let in: a new one each step, several at once while they hang. */
export class RetryLoop {
  readonly #options: RetryOptions;
  readonly #stop = new AbortController();
  readonly #won = Promise.withResolvers<DialedLink>();
  readonly #startedAt = performance.now();
  #wake = new AbortController();
  #running = 0;
  #overloaded = false;
  #attemptedAt = -Infinity;
  #patientStepMs: number;

  constructor(options: RetryOptions) {
    this.#options = options;
    this.#patientStepMs = options.settings.retryStepMs;
  }

  /** @throws the first refusal, or OperationStopped when the signal aborts */
  async run(): Promise<DialedLink> {
    const { signal } = this.#options;
    const onAbort = (): void => this.#won.reject(new RemotingError('OperationStopped', 'The retries were stopped'));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else void this.#keepTrying();
    try {
      return await this.#won.promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#stop.abort();
    }
  }

  /** Starts an attempt at once: a key was pressed, or the network changed. */
  retryNow(): void {
    this.#wake.abort();
  }

  async #keepTrying(): Promise<void> {
    const { notBeforeMs, settings } = this.#options;
    // What the server says wins over any key; and it says the same to everybody, as a loss does.
    if (notBeforeMs > 0) await this.#rest(notBeforeMs * (1 + Math.random()));
    else await this.#pause(settings.firstSpreadMs * Math.random());
    while (!this.#stop.signal.aborted) {
      if (this.#running < this.#options.settings.attemptsAtOnce) void this.#attempt();
      await this.#pause(this.#nextStepMs());
      await this.#rest(this.#attemptedAt + Math.min(LEAST_STEP_MS, settings.retryStepMs / 4) - performance.now());
    }
  }

  async #attempt(): Promise<void> {
    const { dial, settings, onAttemptFailed } = this.#options;
    this.#running += 1;
    this.#attemptedAt = performance.now();
    try {
      const link = await attemptLink(dial, settings.attemptTimeoutMs, this.#stop.signal);
      if (this.#stop.signal.aborted) link.transport.terminate();
      else this.#won.resolve(link);
      // Before a second attempt can win in the same turn.
      this.#stop.abort();
    } catch (cause) {
      if (this.#stop.signal.aborted) return;
      const error = cause instanceof Error ? cause : new Error(String(cause));
      this.#overloaded = error instanceof RemotingError && OVERLOADED.has(error.id);
      if (isRefusal(error)) this.#won.reject(error);
      else onAttemptFailed(error);
    } finally {
      this.#running -= 1;
    }
  }

  #nextStepMs(): number {
    const { settings, isWatched } = this.#options;
    const eager = !this.#overloaded && isWatched() && performance.now() - this.#startedAt < settings.patientAfterMs;
    if (!eager) {
      this.#patientStepMs = Math.min(settings.patientStepMs, this.#patientStepMs * 2);
      return Math.random() * this.#patientStepMs;
    }
    // Attempts that hang are spread over their time to answer, so that one begins soon after the network is back.
    const spreadMs = this.#running > 1 ? settings.attemptTimeoutMs / settings.attemptsAtOnce : 0;
    return Math.max(spreadMs, settings.retryStepMs * (0.5 + Math.random()));
  }

  /** Nothing but the end of the retries cuts it short. */
  async #rest(milliseconds: number): Promise<void> {
    if (milliseconds > 0) await sleep(milliseconds, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  async #pause(milliseconds: number): Promise<void> {
    this.#wake = new AbortController();
    const signal = AbortSignal.any([this.#wake.signal, this.#stop.signal]);
    // Rejects when it is cut short, which is what it is for.
    await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
  }
}
