import { RemotingError, type RequestOf, type RequestType } from '@holdfast/protocol';
import * as v from 'valibot';
import type { HostLink } from './host-link.ts';
import type { HostLinks } from './host-links.ts';

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
type Asked<R> = { results: { link: HostLink; reply: R }[]; failures: unknown[] };

/** Questions that go to every generation of the session host, and how their answers become one. */
export class Fleet {
  readonly #links: HostLinks;
  readonly #limits: { answerMs: number; goodbyeMs: number };

  constructor(links: HostLinks, limits: { answerMs: number; goodbyeMs: number }) {
    this.#links = links;
    this.#limits = limits;
  }

  /**
   * All sessions of every host that answers.
   * @throws RemotingError when there are hosts and none answers
   */
  async sessions(onSession: (instanceId: string, link: HostLink) => void): Promise<{ sessions: ListedSession[] }> {
    const answers = unlessAllFailed(
      await this.#ask('session.list', {}, { schema: Sessions, limitMs: this.#limits.answerMs }),
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
      await this.#ask('agent.status', {}, { schema: Hosts, limitMs: this.#limits.answerMs }),
    );
    return answers.flatMap(({ reply }) => reply.hosts);
  }

  /**
   * Goes on with a client's channels, each on the host that knows it. What a host sends on them must not overtake the
   * answer, so every host waits after its own until `onReply` has sent the whole.
   */
  async resume(
    request: RequestOf<'connection.resume'>,
    onResumed: (channel: number, link: HostLink) => void,
    onReply: (reply: v.InferOutput<typeof Resumed>) => void,
  ): Promise<void> {
    const asked = await this.#ask('connection.resume', request, {
      schema: Resumed,
      hold: true,
      limitMs: this.#limits.answerMs,
    });
    try {
      const channels = request.channels.map(({ channel }) => {
        const found = asked.results.map(({ link, reply }) => ({ link, entry: entryOf(reply, channel) }));
        const resumed = found.find(({ entry }) => entry !== undefined && entry.error === undefined);
        if (resumed?.entry !== undefined) onResumed(channel, resumed.link);
        const entries = found.map(({ entry }) => entry);
        return resumed?.entry ?? failedChannel(channel, entries, asked.failures.length > 0);
      });
      onReply({ channels });
    } finally {
      for (const { link } of asked.results) link.release();
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
      return { link, reply: v.parse(schema, answer) };
    });
  }
}

/** The answers, or why there is none although there are hosts: silence is not the same as nothing. */
function unlessAllFailed<R>({ results, failures }: Asked<R>): { link: HostLink; reply: R }[] {
  if (results.length === 0 && failures.length > 0) throw failures[0];
  return results;
}

function entryOf(reply: v.InferOutput<typeof Resumed>, channel: number): ResumedChannel | undefined {
  return reply.channels.find((entry) => entry.channel === channel);
}

/** Why a channel cannot go on: what a host that knows it says, before what those say that do not. */
function failedChannel(
  channel: number,
  entries: readonly (ResumedChannel | undefined)[],
  silent: boolean,
): ResumedChannel {
  const known = entries.find((entry) => entry?.error !== undefined && entry.error.error !== 'AttachmentLost');
  if (known !== undefined) return known;
  const error = silent
    ? new RemotingError('HostUnavailable', 'A session host does not answer: the session may be there, try again')
    : new RemotingError('AttachmentLost', `No session host knows channel ${channel} any more`);
  return { channel, error: { error: error.id, message: error.message } };
}
