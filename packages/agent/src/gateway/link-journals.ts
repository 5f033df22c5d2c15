import { setTimeout as delay } from 'node:timers/promises';
import { REQUESTS, RemotingError, type ReplyOf } from '@holdfast/protocol';
import * as v from 'valibot';
import { collectJournals } from './collect-journals.ts';
import type { HostLink } from './host-link.ts';
import type { HostLinks } from './host-links.ts';
import type { JournalSources } from './journal-sources.ts';
import type { Log } from '../log/log.ts';
import type { Registry } from './registry.ts';

/** One user's journals are read by one link at a time; who comes meanwhile waits for one more look. */
type Reading = { running: Promise<void>; next: Promise<void> | undefined };

/**
 * The journals of all users' session hosts, which this gateway may not read itself: each user's hosts are asked over the
 * links of clients, and believed of their own user only.
 */
export class LinkJournals implements JournalSources {
  readonly #registry: Registry;
  readonly #answerMs: number;
  readonly #log: Log;
  readonly #readings = new Map<string, Reading>();
  #closed = false;

  constructor(registry: Registry, options: { answerMs: number; log: Log }) {
    this.#registry = registry;
    this.#answerMs = options.answerMs;
    this.#log = options.log;
  }

  onLink(link: HostLink): void {
    link.onJournalGrew = () => void this.#read(link);
    void this.#read(link);
  }

  /** What a short command leaves is in the journal before its host has said that there is more. */
  async lastLook(link: HostLink): Promise<void> {
    const limit = new AbortController();
    const late = delay(this.#answerMs, undefined, { signal: limit.signal }).catch(ignore);
    await Promise.race([this.#read(link), late]);
    limit.abort();
  }

  async refresh(links: HostLinks, user: string | undefined): Promise<void> {
    // A guest is given no journal, and must not stand before those who are.
    await links.each((link) => (user === undefined || link.owner === user ? this.#read(link) : Promise.resolve()));
  }

  async close(): Promise<void> {
    // The clients have gone, and what is read of their links is the last.
    this.#closed = true;
    await Promise.all([...this.#readings.values()].map(({ running, next }) => next ?? running));
  }

  /** Never throws: what is not read now stays in the journals. */
  async #read(link: HostLink): Promise<void> {
    const reading = this.#readings.get(link.owner);
    if (reading !== undefined) {
      reading.next ??= reading.running.then(() => this.#read(link));
      return reading.next;
    }
    const running = this.#collect(link).finally(() => this.#readings.delete(link.owner));
    this.#readings.set(link.owner, { running, next: undefined });
    return running;
  }

  async #collect(link: HostLink): Promise<void> {
    if (this.#closed) return;
    try {
      await collectJournals(this.#registry, link.owner, (after) => this.#ask(link, after));
    } catch (error) {
      // A host of an older build has no journal, one that is gone leaves it to the next; a client that does not read is slow.
      if (error instanceof RemotingError) return;
      const message = error instanceof Error ? error.message : String(error);
      this.#log('journal.failed', { message, user: link.owner });
    }
  }

  async #ask(link: HostLink, after: Record<string, number>): Promise<ReplyOf<'journal.read'>> {
    const answer = await link.ask('journal.read', { after }, { signal: AbortSignal.timeout(this.#answerMs) });
    const reply = v.safeParse(REQUESTS['journal.read'].reply, answer, { abortEarly: true });
    if (reply.success) return reply.output;
    throw new Error(`A session host's journal is not as agreed: ${v.getDotPath(reply.issues[0]) ?? 'reply'}`);
  }
}

function ignore(): void {}
