import { constants, openSync, writeSync } from 'node:fs';

/** What a line of the log may carry beside its time and event. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes one event; never waits and never throws. */
export type Log = ((event: string, fields?: LogFields) => void) & {
  /** Lines that could not be written so far. */
  readonly droppedLines?: number;
};

const STDERR = 2;

/**
 * A log of one JSON line per event on a descriptor, standard error by default. A reader that has stopped reading its
 * pipe must not stop the gateway: lines that do not fit are counted, and the next one that fits says how many.
 */
export function createLog(descriptor: number = STDERR): Log {
  const out = openWithoutBlocking(descriptor);
  let dropped = 0;
  return (event, fields = {}) => {
    const lost = dropped === 0 ? {} : { droppedLines: dropped };
    const line = `${JSON.stringify({ time: new Date().toISOString(), event, ...fields, ...lost })}\n`;
    try {
      writeSync(out, line);
      dropped = 0;
    } catch {
      // Nowhere is left to say it but the next line: a full pipe, a full disk, a closed terminal.
      dropped += 1;
    }
  };
}

/** A second open file, so that O_NONBLOCK does not change the one that this process shares with whoever started it. */
function openWithoutBlocking(descriptor: number): number {
  try {
    return openSync(`/proc/self/fd/${descriptor}`, constants.O_WRONLY | constants.O_APPEND | constants.O_NONBLOCK);
  } catch {
    // A socket cannot be opened this way; then writes to it are as they are.
    return descriptor;
  }
}
