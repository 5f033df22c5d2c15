import { setTimeout as delay } from 'node:timers/promises';
import type { Terminal } from './terminal.ts';

/** Who has typed nothing for so long has seen where the next key goes. */
const QUIET_MS = 1000;
const INTERRUPT = 0x03;

/**
 * Lets what is typed go to nobody until the person has stopped typing, or presses Ctrl-C: the rest of a line that was meant
 * for a session that is gone is nothing for another shell. Does not wait for somebody who has not typed just now.
 * @returns what it was
 */
export async function discardKeys(terminal: Terminal, quietMs = QUIET_MS): Promise<Buffer> {
  const discarded: Buffer[] = [];
  const stop = new AbortController();
  terminal.read((typed) => {
    discarded.push(typed);
    if (typed.includes(INTERRUPT)) stop.abort();
  });
  const leftMs = (): number => terminal.typedAt + quietMs - performance.now();
  while (!stop.signal.aborted && leftMs() > 0) {
    // Rejects when it is cut short, which is what it is for.
    await delay(leftMs(), undefined, { signal: stop.signal }).catch(() => undefined);
  }
  terminal.read(undefined);
  return Buffer.concat(discarded);
}
