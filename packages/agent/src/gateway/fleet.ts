import { RemotingError, type RequestOf, type RequestType } from '@holdfast/protocol';
import * as v from 'valibot';
import type { HostLink } from './host-link.ts';
import type { HostFailure, HostLinks } from './host-links.ts';

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
type Asked<R> = { results: { link: HostLink; reply: R }[]; failures: HostFailure[] };

/** Time for a host to answer, to say goodbye, and until one that never answers is no longer waited for. */
export type FleetLimits = { hostAnswerMs: number; goodbyeMs: number; hostGiveUpMs: number };

/** Questions that go to every generation of the session host, and how their answers become one. */
export class Fleet {
  readonly #links: HostLinks;
  readonly #limits: FleetLimits;

  constructor(links: HostLinks, limits: FleetLimits) {
    this.#links = links;
    this.#limits = limits;
  }

  /**
   * All sessions of every host that answers.
   * @throws RemotingError when there are hosts and none answers
   */
  async sessions(onSession: (instanceId: string, link: HostLink) => void): Promise<{ sessions: ListedSession[] }> {
    const answers = unlessAllFailed(
      await this.#ask('session.list', {}, { schema: Sessions, limitMs: this.#limits.hostAnswerMs }),
    );
    for (const { link, reply } of answers) {
      for (const { instanceId } of reply.sessions) onSession(instanceId, link);
    }
    return { sessions: answers.flatMap(({ reply }) => reply.sessions) };
  }

  /**
   * Ends the client's ties on every host.
   * @throws RemotingError when there are hosts and none answers
   */
  async goodbye(): Promise<v.InferOutput<typeof Goodbye>> {
    const answers = unlessAllFailed(
      await this.#ask('connection.goodbye', {}, { schema: Goodbye, limitMs: this.#limits.goodbyeMs }),
    );
    return {
      closed: answers.flatMap(({ reply }) => reply.closed),
      left: answers.flatMap(({ reply }) => reply.left),
    };
  }

  /**
   * What runs on every host.
   * @throws RemotingError when there are hosts and none answers
   */
  async hosts(): Promise<unknown[]> {
    const answers = unlessAllFailed(
      await this.#ask('agent.status', {}, { schema: Hosts, limitMs: this.#limits.hostAnswerMs }),
    );
    return answers.flatMap(({ reply }) => reply.hosts);
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
      const found = request.channels.map(({ channel }) => findChannel(channel, results));
      const slow = failures.find(({ silentMs = Infinity }) => silentMs < this.#limits.hostGiveUpMs);
      if (slow !== undefined && found.some(({ link, isRefused }) => link === undefined && !isRefused))
        throw slow.reason;
      for (const { link, entry } of found) if (link !== undefined) onResumed(entry.channel, link);
      onReply({ channels: found.map(({ entry }) => entry) });
    } finally {
      for (const { link } of results) link.release();
    }
  }

  #ask<T extends RequestType, R>(
    type: T,
    body: RequestOf<T>,
    options: { schema: v.GenericSchema<unknown, R>; limitMs: number; hold?: boolean },
  ): Promise<Asked<R>> {
    const { schema, limitMs, hold = false } = options;
    const signal = AbortSignal.timeout(limitMs);
    return this.#links.each(async (link) => {
      const answer = await link.ask(type, body, { signal, hold });
      const reply = v.safeParse(schema, answer, { abortEarly: true });
      if (reply.success) return { link, reply: reply.output };
      link.release();
      throw new RemotingError('HostUnavailable', `A session host's answer to ${type} is not as agreed`);
    });
  }
}

/** The answers, or why there is none although there are hosts: silence is not the same as nothing. */
function unlessAllFailed<R>({ results, failures }: Asked<R>): { link: HostLink; reply: R }[] {
  const [failure] = failures;
  if (results.length === 0 && failure !== undefined) throw failure.reason;
  return results;
}

type FoundChannel = { entry: ResumedChannel; link?: HostLink; isRefused: boolean };

/** What the hosts say of a channel: that one goes on with it, or why it cannot, from one that knows it if there is one. */
function findChannel(
  channel: number,
  answers: readonly { link: HostLink; reply: v.InferOutput<typeof Resumed> }[],
): FoundChannel {
  let refused: ResumedChannel | undefined;
  for (const { link, reply } of answers) {
    const entry = reply.channels.find((candidate) => candidate.channel === channel);
    if (entry !== undefined && entry.error === undefined) return { entry, link, isRefused: false };
    if (entry?.error !== undefined && entry.error.error !== 'AttachmentLost') refused = entry;
  }
  if (refused !== undefined) return { entry: refused, isRefused: true };
  const error = { error: 'AttachmentLost', message: 'The process that had it has ended' };
  return { entry: { channel, error }, isRefused: false };
}
