import { mkdirSync, watch, type FSWatcher } from 'node:fs';
import path from 'node:path';
import { Journals } from '../record/journals.ts';
import { collectJournals } from './collect-journals.ts';
import type { JournalSources } from './journal-sources.ts';
import type { Log } from '../log/log.ts';
import type { Registry } from './registry.ts';

export type FolderJournalsOptions = {
  stateDir: string;
  user: string;
  registry: Registry;
  log: Log;
  /** How often the folder is looked at, whether or not it is known to have changed. */
  everyMs: number;
};

/** What comes within this time is taken in at once. */
const TOGETHER_MS = 50;

/**
 * The journals of an agent that serves its own user: they lie in its state folder, so that those of hosts which ended while
 * no gateway ran are there too.
 */
export class FolderJournals implements JournalSources {
  readonly #options: FolderJournalsOptions;
  readonly #journals: Journals;
  readonly #timer: NodeJS.Timeout;
  #watcher: FSWatcher | undefined;
  #soon: NodeJS.Timeout | undefined;
  #collecting: Promise<void> | undefined;
  #failed = false;
  #closed = false;

  constructor(options: FolderJournalsOptions) {
    this.#options = options;
    const folder = path.join(options.stateDir, 'journal');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#journals = new Journals(folder);
    this.#timer = setInterval(() => void this.refresh(), options.everyMs).unref();
    this.#watch(folder);
    void this.refresh();
  }

  onLink(): void {
    // The folder shows what any host writes.
  }

  lastLook(): Promise<void> {
    // As above: no link is needed.
    return Promise.resolve();
  }

  async refresh(): Promise<void> {
    // What was written since the present look began is found by the next one.
    await this.#collecting;
    this.#collecting ??= this.#collect().finally(() => {
      this.#collecting = undefined;
    });
    await this.#collecting;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    this.#watcher?.close();
    await this.#collecting;
  }

  async #collect(): Promise<void> {
    if (this.#closed) return;
    const { registry, user, log } = this.#options;
    try {
      await collectJournals(registry, user, { read: (after) => this.#journals.read(after) });
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) log('journal.failed', { message: error instanceof Error ? error.message : String(error) });
      this.#failed = true;
    }
  }

  /** Sees an event soon; where inotify has no room, the timer sees it too. */
  #watch(folder: string): void {
    try {
      this.#watcher = watch(folder, { persistent: false }, () => {
        this.#soon ??= setTimeout(() => {
          this.#soon = undefined;
          void this.refresh();
        }, TOGETHER_MS).unref();
      });
      this.#watcher.on('error', () => this.#watcher?.close());
    } catch {
      this.#watcher = undefined;
    }
  }
}
