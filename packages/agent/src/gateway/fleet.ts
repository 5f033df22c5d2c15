import { RemotingError, type RequestOf, type RequestType } from '@holdfast/protocol';
import * as v from 'valibot';
import type { HostLink } from './host-link.ts';
import type { HostFailure, HostLinks } from './host-links.ts';
import type { ReachableHosts } from './reachable-hosts.ts';
import { settleClaims } from './session-claims.ts';

// What the gateway itself needs of the answers; the rest is passed on as it came, for hosts may be of older builds.
const ListedSession = v.looseObject({ instanceId: v.string() });
const Sessions = v.object({ sessions: v.array(ListedSession) });
const Goodbye = v.object({ closed: v.array(ListedSession), left: v.array(ListedSession) });
const Hosts = v.object({ hosts: v.array(v.unknown()) });
const ResumedChannel = v.looseObject({
  channel: v.number(),
  error: v.optional(v.object({ error: v.string(), message: v.string() })),
});
const Resumed = v.object({ channels: v.array(ResumedChannel) });

export type ListedSession = v.InferOutput<typeof ListedSession>;
type ResumedChannel = v.InferOutput<typeof ResumedChannel>;
type Answer<R> = { link: HostLink; reply: R };
type Asked<R> = { results: Answer<R>[]; failures: HostFailure[] };

/** Time for a host to answer, to say goodbye, and until one that never answers is no longer waited for. */
export type FleetLimits = { hostAnswerMs: number; guestAnswerMs?: number; goodbyeMs: number; hostGiveUpMs: number };

/** Who asks, and whose the hosts are that answer. */
export type Asker = { user: string | undefined; isAdministrator: boolean; ownerOf: ReachableHosts['ownerOf'] };

/** Questions that go to every generation of the session host, and how their answers become one. */
export class Fleet {
  readonly #links: HostLinks;
  readonly #limits: FleetLimits;
  readonly #asker: Asker;

  constructor(links: HostLinks, limits: FleetLimits, asker: Asker) {
    this.#links = links;
    this.#limits = limits;
    this.#asker = asker;
  }

  /**
   * All sessions of every host that answers, as far as each may speak for them, and which host has which.
   * @throws RemotingError when there are hosts and none answers
   */
  async sessions(): Promise<{ sessions: ListedSession[]; places: [instanceId: string, host: string][] }> {
    const asked = await this.#ask('session.list', {}, { schema: Sessions, limitMs: this.#limits.hostAnswerMs });
    return this.#settle(
      unlessAllFailed(asked),
      (await this.#ownAmong(asked.failures)).length > 0,
      ({ sessions }) => sessions,
    );
  }

  /**
   * Ends the client's ties on every host.
   * @throws RemotingError when there are hosts and none answers
   */
  async goodbye(): Promise<v.InferOutput<typeof Goodbye>> {
    const asked = await this.#ask('connection.goodbye', {}, { schema: Goodbye, limitMs: this.#limits.goodbyeMs });
    const answers = unlessAllFailed(asked);
    const { sessions: closed } = this.#settle(answers, false, (reply) => reply.closed);
    const { sessions: left } = this.#settle(answers, false, (reply) => reply.left);
    return { closed, left };
  }

  /**
   * What runs on every host of the client's user, for an administrator on every host.
   * @throws RemotingError when there are hosts and none answers
   */
  async hosts(): Promise<unknown[]> {
    const asked = await this.#ask('agent.status', {}, { schema: Hosts, limitMs: this.#limits.hostAnswerMs });
    const answers = this.#ownOf(unlessAllFailed(asked));
    return (this.#asker.isAdministrator ? asked.results : answers).flatMap(({ reply }) => reply.hosts);
  }

  /**
   * Goes on with a client's channels, each on the host that knows it. What a host sends on them must not overtake the
   * answer, so every host waits after its own until `onReply` has sent the whole.
   * @throws RemotingError HostUnavailable when a channel may be on a host that is only slow: the client tries again
   */
  async resume(
    request: RequestOf<'connection.resume'>,
    onResumed: (channel: number, link: HostLink) => void,
    onReply: (reply: v.InferOutput<typeof Resumed>) => void,
  ): Promise<void> {
    const limitMs = this.#limits.hostAnswerMs;
    const { results, failures } = await this.#ask('connection.resume', request, {
      schema: Resumed,
      hold: true,
      limitMs,
    });
    try {
      const own = this.#ownOf(results);
      const ownFailures = await this.#ownAmong(failures);
      // The host of somebody else has no channel that one of the client's own may have, and its silence holds up nothing.
      const others = ownFailures.length > 0 ? [] : results.filter((result) => !own.includes(result));
      const found = request.channels.map(({ channel }) => findChannel(channel, own, others));
      const slow = ownFailures.find(({ silentMs = Infinity }) => silentMs < this.#limits.hostGiveUpMs);
      if (slow !== undefined && found.some(({ link, isRefused }) => link === undefined && !isRefused))
        throw slow.reason;
      for (const { link, entry } of found) if (link !== undefined) onResumed(entry.channel, link);
      onReply({ channels: found.map(({ entry }) => entry) });
    } finally {
      for (const { link } of results) link.release();
    }
  }

  #settle<R>(
    answers: readonly Answer<R>[],
    isIncomplete: boolean,
    sessionsOf: (reply: R) => readonly ListedSession[],
  ): { sessions: ListedSession[]; places: [instanceId: string, host: string][] } {
    const claims = answers.map(({ link: { name, owner }, reply }) => ({
      host: name,
      owner,
      sessions: sessionsOf(reply),
    }));
    return settleClaims(claims, { caller: this.#asker.user, isComplete: !isIncomplete });
  }

  #ownOf<R>(answers: readonly Answer<R>[]): Answer<R>[] {
    return answers.filter(({ link }) => link.owner === this.#asker.user);
  }

  async #ownAmong(failures: readonly HostFailure[]): Promise<HostFailure[]> {
    const owners = await Promise.all(failures.map(({ name }) => this.#asker.ownerOf(name)));
    return failures.filter((_failure, index) => owners[index] === this.#asker.user);
  }

  /** Nobody waits long for what another user may have put in the place of a host. */
  #limitFor({ owner }: HostLink): number | undefined {
    const { user, isAdministrator } = this.#asker;
    return isAdministrator || owner === user ? undefined : this.#limits.guestAnswerMs;
  }

  #ask<T extends RequestType, R>(
    type: T,
    body: RequestOf<T>,
    options: { schema: v.GenericSchema<unknown, R>; limitMs: number; hold?: boolean },
  ): Promise<Asked<R>> {
    const { schema, limitMs, hold = false } = options;
    const whole = AbortSignal.timeout(limitMs);
    return this.#links.each(async (link) => {
      const limit = this.#limitFor(link);
      const signal = limit === undefined ? whole : AbortSignal.any([whole, AbortSignal.timeout(limit)]);
      const answer = await link.ask(type, body, { signal, hold });
      const reply = v.safeParse(schema, answer, { abortEarly: true });
      if (reply.success) return { link, reply: reply.output };
      link.release();
      throw new RemotingError('HostUnavailable', `A session host's answer to ${type} is not as agreed`);
    });
  }
}

/** The answers, or why there is none although there are hosts: silence is not the same as nothing. */
function unlessAllFailed<R>({ results, failures }: Asked<R>): Answer<R>[] {
  const [failure] = failures;
  if (results.length === 0 && failure !== undefined) throw failure.reason;
  return results;
}

type FoundChannel = { entry: ResumedChannel; link?: HostLink; isRefused: boolean };

/**
 * What the hosts say of a channel: that one goes on with it, or why it cannot, from one that knows it if there is one. Those
 * of other users are heard only of what no own one knows.
 */
function findChannel(
  channel: number,
  own: readonly Answer<v.InferOutput<typeof Resumed>>[],
  others: readonly Answer<v.InferOutput<typeof Resumed>>[],
): FoundChannel {
  const found = findAmong(channel, own) ?? findAmong(channel, others);
  if (found !== undefined) return found;
  const error = { error: 'AttachmentLost', message: 'The process that had it has ended' };
  return { entry: { channel, error }, isRefused: false };
}

function findAmong(
  channel: number,
  answers: readonly Answer<v.InferOutput<typeof Resumed>>[],
): FoundChannel | undefined {
  let refused: ResumedChannel | undefined;
  for (const { link, reply } of answers) {
    const entry = reply.channels.find((candidate) => candidate.channel === channel);
    if (entry !== undefined && entry.error === undefined) return { entry, link, isRefused: false };
    if (entry?.error !== undefined && entry.error.error !== 'AttachmentLost') refused = entry;
  }
  return refused === undefined ? undefined : { entry: refused, isRefused: true };
}
