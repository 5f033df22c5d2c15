import { setTimeout as delay } from 'node:timers/promises';
import type { ReplyOf } from '@holdfast/protocol';
import type { Registry } from './registry.ts';

/** Where the journals of one user's session hosts come from. */
export type JournalReader = {
  /** Gives what is behind the numbers that are there already. */
  read: (after: Record<string, number>) => Promise<ReplyOf<'journal.read'>> | ReplyOf<'journal.read'>;
  /** So many bytes of it came into the record. */
  onTaken?: (bytes: number) => void;
};

/** Whoever has much to read is not to keep the gateway busy. */
const PAUSE_MS = 10;

/**
 * Takes what is new in the journals of a user's session hosts into the record, until there is no more, or what comes is there
 * already.
 * @param user whose hosts they are, whatever the journals say
 * @throws what `read` throws, and Error of node:sqlite: what is not written yet stays in the journals
 */
export async function collectJournals(registry: Registry, user: string, reader: JournalReader): Promise<void> {
  for (;;) {
    const { journals, more } = await reader.read(registry.collected(user));
    const parts = journals.filter(({ events }) => events.length > 0);
    if (parts.length === 0) return;
    const { rows, bytes } = registry.collect(user, parts);
    reader.onTaken?.(bytes);
    if (!more || rows === 0) return;
    await delay(PAUSE_MS);
  }
}
