import { exhaustedResource } from '../exhausted-resource.ts';
import { OutputLog } from './output-log.ts';
import { OutputPacer, type PacedSource } from './output-pacer.ts';
import type { ProgramOptions } from './program-options.ts';
import type { SessionEvents } from './session-events.ts';

/** Who is told of a session's output, and what it is read from. */
type Listeners = {
  events: SessionEvents;
  /** There is an event to send. */
  onNews: () => void;
  /** Output that waits for the holder; undefined when nobody looks. */
  backlogBytes: () => number | undefined;
  /** None when the program has ended. */
  sources: () => readonly PacedSource[];
};

/** A session's output: its log, the pace at which it is read, and the events that say what was discarded and how the disk is. */
export class SessionOutput {
  readonly log: OutputLog;
  readonly #pacer: OutputPacer;
  readonly #listeners: Listeners;
  #isDiskFailureTold = false;

  constructor({ folders, configuration, settings, mode }: ProgramOptions, listeners: Listeners) {
    const { outputBufferBytes } = configuration;
    this.#listeners = listeners;
    this.log = new OutputLog({
      folder: folders.output,
      memoryBytes: settings.outputMemoryBytes,
      limitBytes: outputBufferBytes,
      diskRetryMs: settings.diskRetryMs,
      onDisk: () => this.#onDisk(),
    });
    this.#pacer = new OutputPacer(this.log, outputBufferBytes, mode);
  }

  get mode(): 'Drop' | 'Block' {
    return this.#pacer.mode;
  }

  set mode(mode: 'Drop' | 'Block') {
    this.#pacer.mode = mode;
    this.pace();
  }

  /** Why the output does not go to disk, in words that end a sentence; undefined while it does. */
  get diskProblem(): string | undefined {
    const { diskError } = this.log;
    return diskError && (exhaustedResource(diskError) ?? diskError.message);
  }

  /** Adds a copy of `bytes`; what the policy discards for it becomes an event. */
  append(bytes: Buffer): void {
    this.log.append(bytes);
    const { events, backlogBytes, onNews } = this.#listeners;
    const gap = this.#pacer.drop(backlogBytes());
    if (gap === undefined || events.widenGap(gap.from, gap.to)) return;
    events.add({ type: 'output.dropped', at: gap.from, to: gap.to });
    onNews();
  }

  /** Reads the sources or not, as the pace of who looks and the output policy say. */
  pace(): void {
    const { sources, backlogBytes } = this.#listeners;
    this.#pacer.pace(sources(), backlogBytes());
  }

  /** Reads on for a while in spite of all, so that the effect of a signal comes through. */
  readOn(bytes?: number): void {
    this.#pacer.readOn(bytes);
    this.pace();
  }

  /** One event when the disk fails, one when it works again. */
  #onDisk(): void {
    const { events, onNews } = this.#listeners;
    const { end: at } = this.log;
    const problem = this.diskProblem;
    if ((problem !== undefined) !== this.#isDiskFailureTold) {
      this.#isDiskFailureTold = problem !== undefined;
      events.add({ type: 'disk.changed', at, problem });
      onNews();
    }
    this.pace();
  }
}
