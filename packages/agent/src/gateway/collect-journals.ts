import { setTimeout as delay } from 'node:timers/promises';
import type { ReplyOf } from '@holdfast/protocol';
import type { Registry } from './registry.ts';

/** A host that always has more is not to keep the gateway busy. */
const PAUSE_MS = 10;

/**
 * Takes what is new in the journals of a user's session hosts into the record, until there is no more.
 * @param user whose hosts they are, whatever the journals say
 * @param read gives what is behind the numbers that are there already
 * @throws what `read` throws, and Error of node:sqlite: what is not written yet stays in the journals
 */
export async function collectJournals(
  registry: Registry,
  user: string,
  read: (after: Record<string, number>) => Promise<ReplyOf<'journal.read'>> | ReplyOf<'journal.read'>,
): Promise<void> {
  for (;;) {
    const { journals, more } = await read(registry.collected(user));
    const isNew = journals.some(({ events }) => events.length > 0);
    if (isNew) registry.collect(user, journals);
    if (!more || !isNew) return;
    await delay(PAUSE_MS);
  }
}
