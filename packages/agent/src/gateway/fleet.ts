import { RemotingError, type ReplyOf, type RequestOf, type RequestType } from '@holdfast/protocol';
import type { HostLink } from './host-link.ts';
import type { HostLinks } from './host-links.ts';

type ResumeRequest = RequestOf<'connection.resume'>;
type ResumeReply = ReplyOf<'connection.resume'>;
type ResumedChannel = ResumeReply['channels'][number];

/** Questions that go to every generation of the session host, and how their answers become one. */
export class Fleet {
  readonly #links: HostLinks;
  readonly #limits: { answerMs: number; goodbyeMs: number };

  constructor(links: HostLinks, limits: { answerMs: number; goodbyeMs: number }) {
    this.#links = links;
    this.#limits = limits;
  }

  /** All sessions of every host that answers. */
  async sessions(onSession: (instanceId: string, link: HostLink) => void): Promise<ReplyOf<'session.list'>> {
    const { answers } = await this.#ask('session.list', {});
    for (const { link, reply } of answers) {
      for (const { instanceId } of reply.sessions) onSession(instanceId, link);
    }
    return { sessions: answers.flatMap(({ reply }) => reply.sessions) };
  }

  /** Ends the client's ties on every host. */
  async goodbye(): Promise<ReplyOf<'connection.goodbye'>> {
    const { answers } = await this.#ask('connection.goodbye', {}, { limitMs: this.#limits.goodbyeMs });
    return {
      closed: answers.flatMap(({ reply }) => reply.closed),
      left: answers.flatMap(({ reply }) => reply.left),
    };
  }

  /** What runs on every host. */
  async hosts(): Promise<ReplyOf<'agent.status'>['hosts']> {
    const { answers } = await this.#ask('agent.status', {});
    return answers.flatMap(({ reply }) => reply.hosts);
  }

  /**
   * Goes on with a client's channels, each on the host that knows it. What a host sends on them must not overtake the
   * answer, so every host waits after its own until `onReply` has sent the whole.
   */
  async resume(
    request: ResumeRequest,
    onResumed: (channel: number, link: HostLink) => void,
    onReply: (reply: ResumeReply) => void,
  ): Promise<void> {
    const { answers, silent } = await this.#ask('connection.resume', request, { hold: true });
    try {
      const channels = request.channels.map(({ channel }) => {
        const found = answers.map(({ link, reply }) => ({ link, entry: entryOf(reply, channel) }));
        const resumed = found.find(({ entry }) => entry !== undefined && entry.error === undefined);
        if (resumed?.entry !== undefined) onResumed(channel, resumed.link);
        return (
          resumed?.entry ??
          failedChannel(
            channel,
            found.map(({ entry }) => entry),
            silent,
          )
        );
      });
      onReply({ channels });
    } finally {
      for (const { link } of answers) link.release();
    }
  }

  /** Asks every host; those that are silent or refuse are left out, and `silent` says that there is one. */
  async #ask<T extends RequestType>(
    type: T,
    body: RequestOf<T>,
    options: { hold?: boolean; limitMs?: number } = {},
  ): Promise<{ answers: { link: HostLink; reply: ReplyOf<T> }[]; silent: boolean }> {
    const { links, silent } = await this.#links.all();
    const signal = AbortSignal.timeout(options.limitMs ?? this.#limits.answerMs);
    const settled = await Promise.allSettled(
      links.map(async (link) => ({ link, reply: await link.ask(type, body, { signal, hold: options.hold ?? false }) })),
    );
    const answers = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const [refusal] = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    // One host and one error: that is the answer.
    if (answers.length === 0 && refusal !== undefined && !silent) throw refusal;
    return { answers, silent: silent || refusal !== undefined };
  }
}

function entryOf(reply: ResumeReply, channel: number): ResumedChannel | undefined {
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
