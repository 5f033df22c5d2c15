import type { RecordedEvent } from '@holdfast/protocol';
import { exhaustedResource, explainedLack } from '../exhausted-resource.ts';
import type { EventQuery } from '../record/event-query.ts';
import type { Collected, RecordLimits, TimedEvent } from '../record/event-table.ts';
import type { JournalPart } from '../record/journals.ts';
import type { Log } from '../log/log.ts';
import { RegistryFile, type Opening } from './registry-file.ts';
import { WaitingEvents } from './waiting-events.ts';

/** Limits of the registry, from the gateway's settings, and of the record. */
export type RegistrySettings = RecordLimits & { maxWaitingEvents: number; registryRetryMs: number };

/** How long events may wait to be written together; a gateway that is killed loses no more than these. */
const EVENT_DELAY_MS = 100;
/** How many are written before it is looked whether old ones are to go. */
const EVENTS_BETWEEN_ROTATIONS = 1000;

/** Written in one go. */
const BATCH = 500;

/**
 * The gateway's own record, in SQLite in the state folder: ids of sessions, which are never given twice, and events.
 * An id is on the disk before it is used; events are written a little later, together, where nobody waits for them.
 *
 * Where the disk is full, or does not work, everything else of the gateway goes on: events wait in memory, up to a bound,
 * and new ids are refused with the reason. The log has one line when that begins and one when it is over.
 */
export class Registry {
  readonly #stateDir: string;
  readonly #settings: RegistrySettings;
  readonly #log: Log;
  readonly #waiting: WaitingEvents;
  #file: RegistryFile | undefined;
  #closed = false;
  #failed = false;
  #timer: NodeJS.Timeout | undefined;
  #sinceRotation = 0;

  /** @throws Error of node:sqlite or node:fs when the file cannot be opened for another reason than a lack of something */
  constructor(stateDir: string, settings: RegistrySettings, log: Log) {
    this.#stateDir = stateDir;
    this.#settings = settings;
    this.#log = log;
    this.#waiting = new WaitingEvents(settings.maxWaitingEvents);
    try {
      this.#open().forgetOld(settings);
    } catch (error) {
      if (exhaustedResource(error) === undefined) throw error;
      this.#onFailure(error);
    }
  }

  /**
   * The id to propose for the session that `user` opens under `openId`: 1, 2, 3…, never one that was given before. The
   * same openId again, after a lost reply, gets the same id. The session host may have got further, and gives another.
   * @throws RemotingError OutOfResources when the id cannot be written
   */
  sessionId(opening: Opening): number {
    try {
      const file = this.#open();
      const id = file.oldId(opening) ?? file.newId(opening);
      if (id === undefined) throw new TypeError('The registry gave no session id');
      return id;
    } catch (cause) {
      throw explainedLack(`No session can be opened, since its id cannot be recorded in ${this.#stateDir}`, cause);
    }
  }

  /** Records an event; after close() nothing is recorded. */
  record(event: Omit<TimedEvent, 'time'>): void {
    if (this.#closed) return;
    this.#waiting.add({ ...event, time: Date.now() });
    this.#timer ??= setTimeout(() => this.flush(), EVENT_DELAY_MS);
  }

  /** Writes the events that wait; tries again after a while if it fails. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { lost } = this.#waiting;
    let written = 0;
    try {
      while (this.#waiting.length > 0) {
        const batch = this.#waiting.oldest(BATCH);
        this.#open().events.insert(batch);
        this.#waiting.remove(batch);
        this.#onWritten(batch.length);
        written += batch.length;
      }
    } catch (error) {
      return this.#onFailure(error);
    }
    if (this.#failed) this.#log('registry.recovered', { written, lost });
    this.#failed = false;
  }

  /** Why nothing can be recorded at this moment, if so; writes, to find out. */
  problem(): string | undefined {
    this.flush();
    if (this.#waiting.length > 0) return 'events wait for room on the disk';
    try {
      this.#open().touch();
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /** Events that are not written yet, and those that were given up. */
  get waiting(): { count: number; lost: number } {
    return { count: this.#waiting.length, lost: this.#waiting.lost };
  }

  /** How far the journals of a user's session hosts have been collected: number of the last event of each. */
  collected(user: string): Record<string, number> {
    return this.#open().events.collected(user);
  }

  /**
   * Writes what came of the journals of a user's session hosts, each event once. When it throws, none of it is written, and
   * the journals keep it.
   * @returns as EventTable.collect()
   * @throws Error of node:sqlite
   */
  collect(user: string, parts: readonly JournalPart[]): Collected {
    const collected = this.#open().events.collect(user, parts);
    this.#onWritten(collected.rows);
    return collected;
  }

  /** Events that fit, in the order of their numbers, and whether there are others. */
  events(query: EventQuery): { events: RecordedEvent[]; more: boolean } {
    this.flush();
    return this.#open().events.list(query);
  }

  close(): void {
    this.flush();
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#waiting.length > 0) this.#log('registry.lost', { events: this.#waiting.length });
    this.#file?.close();
  }

  #onWritten(count: number): void {
    this.#sinceRotation += count;
    if (this.#sinceRotation < EVENTS_BETWEEN_ROTATIONS) return;
    this.#sinceRotation = 0;
    this.#open().forgetOld(this.#settings);
  }

  #open(): RegistryFile {
    this.#file ??= new RegistryFile(this.#stateDir);
    return this.#file;
  }

  #onFailure(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (!this.#failed) this.#log('registry.failed', { message });
    this.#failed = true;
    this.#timer = setTimeout(() => this.flush(), this.#settings.registryRetryMs);
  }
}
