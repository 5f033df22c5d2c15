import { RemotingError, type ReplyOf } from '@holdfast/protocol';
import { isHostGone } from './local-socket.ts';
import type { ResumableLink } from './resumable-link.ts';
import type { SessionConnection } from './session-end.ts';

/** The link to one generation while somebody uses it: the last release closes it, so that an old host can end. */
export type GenerationLink = {
  link: ResumableLink;
  connection: SessionConnection;
  /** One more user, who releases it too. */
  retain: () => void;
  release: () => void;
};

export type OtherGenerationsOptions = {
  computerName: string;
  clientId: string;
  /** Sockets of the other hosts as they are now, newest first; there may be dead ones among them. */
  sockets: () => readonly string[];
  open: (socket: string) => Promise<ResumableLink>;
  /** For a host to answer a question that goes to all. */
  answerMs: number;
};

type Shared = { opening: Promise<ResumableLink>; link?: ResumableLink; users: number };

/**
 * The hosts of other builds that this user's sessions live in: each serves until its last session ends. At most one
 * link leads to each, made when it is needed.
 */
export class OtherGenerations {
  readonly #options: OtherGenerationsOptions;
  readonly #shared = new Map<string, Shared>();

  constructor(options: OtherGenerationsOptions) {
    this.#options = options;
  }

  /** Links that are up, each because of a session held over it or of a question under way. */
  get inUse(): ResumableLink[] {
    return [...this.#shared.values()].flatMap(({ link }) => link ?? []);
  }

  /** What every generation says that answers in time, newest first; one that does not hides no other. */
  async ask<T extends 'session.list' | 'agent.status'>(type: T, signal?: AbortSignal): Promise<ReplyOf<T>[]> {
    const { answers } = await this.#each(({ link }) => link.request(type, {}, { signal: this.#limited(signal) }));
    if (signal?.aborted === true) throw new RemotingError('OperationStopped', 'Stopped while hosts were being asked');
    return answers;
  }

  /**
   * The link to the generation that has a session, to be released; undefined when none has it.
   * @throws what a host failed with that may have it
   */
  async find(instanceId: string, signal?: AbortSignal): Promise<GenerationLink | undefined> {
    const { answers, failures } = await this.#each(async (place) => {
      const { sessions } = await place.link.request('session.list', {}, { signal: this.#limited(signal) });
      if (!sessions.some((session) => session.instanceId === instanceId)) return undefined;
      place.retain();
      return place;
    });
    const found = answers.find((place) => place !== undefined);
    const failure = failures.find((reason) => !isHostGone(reason));
    if (found === undefined && failure !== undefined) throw failure;
    return found;
  }

  /** Closes every link without a word. */
  close(): void {
    for (const { opening } of this.#shared.values()) void opening.then((link) => link.close(), ignore);
    this.#shared.clear();
  }

  /** Asks all at once. @returns what came of it, newest generation first */
  async #each<T>(work: (place: GenerationLink) => Promise<T>): Promise<{ answers: T[]; failures: Error[] }> {
    const outcomes = await Promise.allSettled(
      this.#options.sockets().map(async (socket) => {
        const place = await this.#use(socket);
        try {
          return await work(place);
        } finally {
          place.release();
        }
      }),
    );
    return {
      answers: outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : [])),
      failures: outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [toError(outcome.reason)] : [])),
    };
  }

  async #use(socket: string): Promise<GenerationLink> {
    const shared = this.#shared.get(socket) ?? this.#open(socket);
    // Counted before the wait, so that no release closes it meanwhile.
    shared.users += 1;
    const release = (): void => this.#release(socket, shared);
    try {
      const link = await shared.opening;
      return { link, connection: this.#connectionOver(link), retain: () => void (shared.users += 1), release };
    } catch (error) {
      release();
      throw error;
    }
  }

  #open(socket: string): Shared {
    const shared: Shared = { opening: this.#options.open(socket), users: 0 };
    shared.opening.then((link) => (shared.link = link), ignore);
    this.#shared.set(socket, shared);
    return shared;
  }

  #release(socket: string, shared: Shared): void {
    shared.users -= 1;
    if (shared.users > 0) return;
    if (this.#shared.get(socket) === shared) this.#shared.delete(socket);
    shared.link?.retire();
  }

  #connectionOver(link: ResumableLink): SessionConnection {
    const { computerName, clientId } = this.#options;
    return {
      computerName,
      clientId,
      settings: link.settings,
      get linkState() {
        return link.state;
      },
      onLinkState: (listener) => link.onState(listener),
      retryNow: () => link.retryNow(),
    };
  }

  #limited(signal: AbortSignal | undefined): AbortSignal {
    const limit = AbortSignal.timeout(this.#options.answerMs);
    return signal === undefined ? limit : AbortSignal.any([limit, signal]);
  }
}

/** Whoever waits for the link hears why there is none. */
function ignore(): void {}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}
