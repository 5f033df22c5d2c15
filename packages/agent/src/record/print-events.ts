import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { RemotingError, type EventFilter, type RecordedEvent } from '@holdfast/protocol';
import { listEvents } from './event-query.ts';

export type PrintEventsOptions = {
  /** Holds registry.db. */
  stateDir: string;
  filter: EventFilter;
  /** Only those behind this number. */
  after: number;
  /** A JSON object in each line, instead of words. */
  json: boolean;
  /** Goes on with what comes, until `signal` fires or nobody reads any more. */
  follow: boolean;
  signal: AbortSignal;
  output?: NodeJS.WritableStream;
};

/** Rows that are read in one go. */
const PAGE = 500;
const LOOK_MS = 250;

/**
 * Prints the record of an agent as it is on the disk, oldest first, whether or not the gateway runs; changes nothing there.
 * @throws RemotingError InvalidSetting when there is no record
 */
export async function printEvents(options: PrintEventsOptions): Promise<void> {
  const { stateDir, filter, json, follow, signal, output = process.stdout } = options;
  const file = join(stateDir, 'registry.db');
  if (!existsSync(file)) {
    throw new RemotingError('InvalidSetting', `There is no record in ${stateDir}: name the folder with --state-dir`);
  }
  const database = new DatabaseSync(file, { readOnly: true, timeout: 2000 });
  const stopped = AbortSignal.any([signal, whenClosed(output)]);
  try {
    for (let { after } = options; !stopped.aborted;) {
      const { events, more } = listEvents(database, { ...filter, after, limit: PAGE });
      for (const event of events) await write(output, json ? JSON.stringify(event) : wordsOf(event), stopped);
      after = events.at(-1)?.number ?? after;
      if (!more && !follow) return;
      if (!more) await delay(LOOK_MS, undefined, { signal: stopped }).catch(() => undefined);
    }
  } finally {
    database.close();
  }
}

async function write(output: NodeJS.WritableStream, line: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || output.write(`${line}\n`)) return;
  await once(output, 'drain', { signal }).catch(() => undefined);
}

/** Whoever reads the output has gone. */
function whenClosed(output: NodeJS.WritableStream): AbortSignal {
  const closed = new AbortController();
  output.on('error', () => closed.abort()).on('close', () => closed.abort());
  return closed.signal;
}

function wordsOf(event: RecordedEvent): string {
  const { time, type, user, actor, sessionId, name, client, address, key, text, status, signal, detail } = event;
  const words = [
    new Date(time).toISOString(),
    type,
    user,
    actor === undefined ? undefined : `by ${actor}`,
    sessionId === undefined ? undefined : `session ${sessionId} (${name ?? ''})`,
    client === undefined ? undefined : `from ${client} at ${address ?? ''}`,
    type.startsWith('client.') ? key : undefined,
    status === undefined ? undefined : `status ${status}`,
    signal === undefined ? undefined : `signal ${signal}`,
    text === undefined ? undefined : JSON.stringify(text),
    detail,
  ];
  // What others chose to be called is not to act on this terminal.
  return words
    .filter((word) => word !== undefined)
    .join('  ')
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, '?');
}
