import { setTimeout as delay } from 'node:timers/promises';
import { REQUESTS, RemotingError, type RawMessage, type ReplyOf } from '@holdfast/protocol';
import * as v from 'valibot';
import { Allowance } from './allowance.ts';
import { collectJournals } from './collect-journals.ts';
import type { HostLink } from './host-link.ts';
import type { HostLinks } from './host-links.ts';
import type { JournalSources } from './journal-sources.ts';
import type { Log } from '../log/log.ts';
import type { Registry } from './registry.ts';

export type LinkJournalsOptions = {
  /** How long a session host is waited for. */
  answerMs: number;
  /** What one user's journals may bring at once, and how much a second after that. */
  limits: { bytes: number; bytesPerSecond: number };
  log: Log;
};

/** One user's journals are read by one link at a time; who comes meanwhile waits for one more look. */
type Reading = {
  readonly allowance: Allowance;
  running: Promise<void> | undefined;
  next: Promise<void> | undefined;
};

/** What a look costs, whatever comes of it: who always has a little more is no cheaper than who has much. */
const LOOK_BYTES = 2048;
/** Several times what a session host gives in one answer. */
const MOST_EVENTS = 20_000;

/**
 * The journals of all users' session hosts, which this gateway may not read itself: each user's hosts are asked over the
 * links of clients, and believed of their own user only. A program in the place of a host may have as much to say as it likes:
 * it is read at its user's own pace, and nobody waits for it.
 */
export class LinkJournals implements JournalSources {
  readonly #registry: Registry;
  readonly #options: LinkJournalsOptions;
  readonly #readings = new Map<string, Reading>();
  /** What is wrong with a host's journal is said once for each. */
  readonly #failed = new WeakSet<HostLink>();
  readonly #closing = new AbortController();

  constructor(registry: Registry, options: LinkJournalsOptions) {
    this.#registry = registry;
    this.#options = options;
  }

  onLink(link: HostLink): void {
    link.onJournalGrew = () => void this.#read(link);
    void this.#read(link);
  }

  /** What a short command leaves is in the journal before its host has said that there is more. */
  async lastLook(link: HostLink): Promise<void> {
    await this.#inTime(this.#read(link));
  }

  async refresh(links: HostLinks, user: string | undefined): Promise<void> {
    // A guest is given no journal, and must not stand before those who are.
    const isMeant = ({ owner }: HostLink): boolean => user === undefined || owner === user;
    await links.each(async (link) => (isMeant(link) ? this.#inTime(this.#read(link)) : undefined));
  }

  async close(): Promise<void> {
    // The clients have gone, and what is read of their links is the last.
    const readings = [...this.#readings.values()];
    await this.#inTime(Promise.all(readings.map(async ({ running, next }) => next ?? running)));
    this.#closing.abort();
    await Promise.all(readings.map(async ({ running }) => running));
  }

  async #inTime(work: Promise<unknown>): Promise<void> {
    const over = new AbortController();
    const late = delay(this.#options.answerMs, undefined, { signal: over.signal }).catch(ignore);
    await Promise.race([work, late]);
    over.abort();
  }

  /** Never throws: what is not read now stays in the journals. */
  async #read(link: HostLink): Promise<void> {
    const reading = this.#readingOf(link.owner);
    if (reading.running !== undefined) {
      reading.next ??= reading.running.then(() => {
        reading.next = undefined;
        return this.#read(link);
      });
      return reading.next;
    }
    reading.running = this.#collect(link, reading).finally(() => {
      reading.running = undefined;
    });
    return reading.running;
  }

  /** Kept when its links have gone, so that nobody gets another allowance by coming anew. */
  #readingOf(user: string): Reading {
    const known = this.#readings.get(user);
    if (known !== undefined) return known;
    const allowance = new Allowance(this.#options.limits);
    const reading = { allowance, running: undefined, next: undefined };
    this.#readings.set(user, reading);
    return reading;
  }

  async #collect(link: HostLink, reading: Reading): Promise<void> {
    const { allowance } = reading;
    try {
      await collectJournals(this.#registry, link.owner, {
        read: async (after) => {
          await delay(allowance.waitMs, undefined, { signal: this.#closing.signal });
          allowance.spend(LOOK_BYTES);
          return this.#ask(link, after);
        },
        onTaken: (bytes) => allowance.spend(bytes),
      });
    } catch (error) {
      // A host of an older build has no journal, one that is gone leaves it to the next; a client that does not read is slow.
      if (error instanceof RemotingError || this.#closing.signal.aborted) return;
      const message = error instanceof Error ? error.message : String(error);
      if (!this.#failed.has(link)) this.#options.log('journal.failed', { message, user: link.owner });
      this.#failed.add(link);
    }
  }

  async #ask(link: HostLink, after: Record<string, number>): Promise<ReplyOf<'journal.read'>> {
    const signal = AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#options.answerMs)]);
    const answer = await link.ask('journal.read', { after }, { signal });
    if (eventsIn(answer) > MOST_EVENTS) throw new Error('A session host gives more of its journal than was asked for');
    const reply = v.safeParse(REQUESTS['journal.read'].reply, answer, { abortEarly: true });
    if (reply.success) return reply.output;
    throw new Error(`A session host's journal is not as agreed: ${v.getDotPath(reply.issues[0]) ?? 'reply'}`);
  }
}

/** How many there are, before each of them is looked at. */
function eventsIn({ journals }: RawMessage & { journals?: unknown }): number {
  if (!Array.isArray(journals)) return 0;
  const counts = journals.map((part: { events?: unknown } | null) => {
    const events = part?.events;
    return 1 + (Array.isArray(events) ? events.length : 0);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

function ignore(): void {}
