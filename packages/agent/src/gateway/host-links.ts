import { setTimeout as delay } from 'node:timers/promises';
import { RemotingError, type HostVisitor } from '@holdfast/protocol';
import { HostLink, type HostLinkListeners } from './host-link.ts';
import type { ReachableHosts } from './reachable-hosts.ts';

/** Why a host gave no answer; `silentMs` for how long it has given none at all. */
export type HostFailure = { name: string; reason: unknown; silentMs: number | undefined };

/** A host that goes away in the middle of the greeting is tried again after this time: then it is gone, or another. */
const RETRY_MS = 20;

/** One client's links to session hosts: at most one to each generation, made when it is first needed. */
export class HostLinks {
  readonly #hosts: ReachableHosts;
  readonly #client: HostVisitor;
  readonly #listeners: HostLinkListeners;
  readonly #answerMs: number;
  readonly #guestAnswerMs: number;
  readonly #lingerMs: number;
  readonly #onOpen: () => void;
  readonly #onNewest: (link: HostLink) => void;
  readonly #lastLook: ((link: HostLink) => Promise<void>) | undefined;
  readonly #links = new Map<string, Promise<HostLink>>();
  readonly #open = new Map<string, HostLink>();
  readonly #closing = new AbortController();
  #newest: HostLink | undefined;
  #findingNewest: Promise<HostLink> | undefined;

  /** @param options.onOpen one more of them is up; onNewest: the one for new sessions is; lastLook: before the
   *   client's own hosts are let go of, with a link to one of them */
  constructor(
    hosts: ReachableHosts,
    client: HostVisitor,
    options: {
      listeners: HostLinkListeners;
      answerMs: number;
      /** How long the hosts of other users are waited for, where they are one of many. */
      guestAnswerMs?: number;
      /** For the last frames to be taken by a host whose link is closed. */
      lingerMs: number;
      onOpen?: () => void;
      onNewest?: (link: HostLink) => void;
      lastLook?: (link: HostLink) => Promise<void>;
    },
  ) {
    this.#hosts = hosts;
    this.#client = client;
    this.#listeners = options.listeners;
    this.#answerMs = options.answerMs;
    this.#guestAnswerMs = options.guestAnswerMs ?? options.answerMs;
    this.#lingerMs = options.lingerMs;
    this.#onOpen = options.onOpen ?? ignore;
    this.#onNewest = options.onNewest ?? ignore;
    this.#lastLook = options.lastLook;
  }

  /** The links that are up. */
  get open(): Iterable<HostLink> {
    return this.#open.values();
  }

  /** The link for new sessions when it is up already. */
  get newestNow(): HostLink | undefined {
    return this.#newest;
  }

  /** The link that leads to a generation when it is up already. */
  openLink(name: string): HostLink | undefined {
    return this.#open.get(name);
  }

  /** Connects to the newest host that runs, if any, so that the first request finds it connected. */
  warm(): void {
    // Whoever needs it asks again and gets the reason.
    this.#warm().catch(ignore);
  }

  /**
   * The link for new sessions; starts a session host when none of this build answers.
   * @throws RemotingError HostUnavailable
   */
  newest(): Promise<HostLink> {
    if (this.#newest !== undefined) return Promise.resolve(this.#newest);
    this.#findingNewest ??= this.#findNewest().finally(() => {
      this.#findingNewest = undefined;
    });
    return this.#findingNewest;
  }

  /** Links to every generation that greets in time, newest first. */
  async all(): Promise<HostLink[]> {
    const { results } = await this.each((link) => Promise.resolve(link));
    return results;
  }

  /**
   * Does `work` on every generation that answers, all at once.
   * @returns what came of it, newest generation first, and the failures of hosts that are not simply gone
   */
  async each<T>(work: (link: HostLink) => Promise<T>): Promise<{ results: T[]; failures: HostFailure[] }> {
    const results: T[] = [];
    const failures: HostFailure[] = [];
    const names = await this.#hosts.names();
    const settled = await Promise.allSettled(names.map(async (name) => work(await this.#inTime(name))));
    for (const [index, outcome] of settled.entries()) {
      const name = names[index] ?? '';
      const isSilent = outcome.status === 'rejected' && isSilence(outcome.reason);
      const silentMs = this.#hosts.memory.noteAnswer(name, !isSilent);
      if (outcome.status === 'fulfilled') results.push(outcome.value);
      else if (!isGone(outcome.reason))
        failures.push({ name, reason: outcome.reason, silentMs: isSilent ? silentMs : undefined });
    }
    return { results, failures };
  }

  /** Lets go of links that were made for a question only: a host does not end while it has one. */
  closeUnused(isUsed: (link: HostLink) => boolean): void {
    for (const [name, link] of this.#open) {
      if (link === this.#newest || !link.idle || isUsed(link)) continue;
      this.#open.delete(name);
      this.#links.delete(name);
      link.close();
    }
  }

  /**
   * The link to one generation.
   * @throws RemotingError HostUnavailable
   */
  link(name: string): Promise<HostLink> {
    const known = this.#links.get(name);
    if (known !== undefined) return known;
    const link = this.#connect(name);
    this.#links.set(name, link);
    link.catch(() => this.#links.delete(name));
    return link;
  }

  /** Lets go of all, of one of the client's own after the last look. */
  close(): void {
    this.#closing.abort();
    const own = this.#newest ?? [...this.#open.values()].find(({ owner }) => owner === this.#client.caller.user);
    for (const link of this.#open.values()) if (link !== own || this.#lastLook === undefined) link.close();
    this.#open.clear();
    if (own === undefined || this.#lastLook === undefined) return;
    own.leave();
    void this.#lastLook(own).finally(() => own.close());
  }

  async #warm(): Promise<void> {
    const [name] = await this.#hosts.current();
    if (name === undefined || this.#closing.signal.aborted) return;
    this.#take(await this.link(name));
  }

  /** The link to one of many generations: nobody waits long for what another user may have put there. @throws as link() */
  async #inTime(name: string): Promise<HostLink> {
    const link = this.link(name);
    const { user, roles } = this.#client.caller;
    if (roles.includes('administrator') || (await this.#hosts.ownerOf(name)) === user) return link;
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(silence(undefined)), this.#guestAnswerMs);
    try {
      return await Promise.race([link, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #connect(name: string): Promise<HostLink> {
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#answerMs)]);
    const link = await this.#greet(name, signal);
    if (this.#closing.signal.aborted) {
      link.close();
    } else {
      this.#open.set(name, link);
      this.#onOpen();
    }
    return link;
  }

  async #greet(name: string, signal: AbortSignal): Promise<HostLink> {
    for (;;) {
      const host = await this.#hosts.connect(name, this.#client, signal);
      try {
        return await HostLink.open({ name, lingerMs: this.#lingerMs, ...host }, this.#listenersFor(name), signal);
      } catch (cause) {
        const id = cause instanceof RemotingError ? cause.id : undefined;
        if (signal.aborted || id === 'HandshakeTimeout') throw silence(cause);
        if (id !== 'ConnectionLost') throw cause;
        await delay(RETRY_MS);
      }
    }
  }

  #listenersFor(name: string): HostLinkListeners {
    return {
      ...this.#listeners,
      onClose: (link) => {
        this.#links.delete(name);
        this.#open.delete(name);
        if (this.#newest === link) this.#newest = undefined;
        this.#listeners.onClose(link);
      },
    };
  }

  async #findNewest(): Promise<HostLink> {
    for (const name of await this.#hosts.current()) {
      try {
        return this.#take(await this.link(name));
      } catch {
        // That one is gone or hangs: the next, or a new one, unless it is the client that went.
        this.#closing.signal.throwIfAborted();
      }
    }
    return this.#take(await this.link(await this.#hosts.start()));
  }

  #take(link: HostLink): HostLink {
    if (link.closed || link === this.#newest) return link;
    this.#newest = link;
    this.#onNewest(link);
    return link;
  }
}

/** What a host that does not greet is to the client that asked. */
function silence(cause: unknown): RemotingError {
  return new RemotingError('HostUnavailable', 'A session host does not answer: try again', { cause });
}

function isSilence(reason: unknown): boolean {
  return reason instanceof RemotingError && reason.id === 'HostUnavailable' && !isGone(reason);
}

/** Nobody listens on its socket any more, as opposed to a host that hangs. */
function isGone(reason: unknown): boolean {
  if (!(reason instanceof RemotingError) || !(reason.cause instanceof Error) || !('code' in reason.cause)) return false;
  return reason.cause.code === 'ECONNREFUSED' || reason.cause.code === 'ENOENT';
}

function ignore(): void {}
