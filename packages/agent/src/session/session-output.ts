import type { SessionInfo } from '@holdfast/protocol';
import { exhaustedResource } from '../exhausted-resource.ts';
import { OutputLog } from './output-log.ts';
import { OutputPacer, type PacedSource } from './output-pacer.ts';
import type { ProgramOptions } from './program-options.ts';
import type { SessionEvents } from './session-events.ts';
import type { SessionRecording } from './session-recording.ts';

/** Who is told of a session's output, and what it is read from. */
type Listeners = {
  events: SessionEvents;
  /** There is an event to send. */
  onNews: () => void;
  /** Output that waits for the holder; undefined when nobody looks. */
  backlogBytes: () => number | undefined;
  /** None when the program has ended. */
  sources: () => readonly PacedSource[];
  /** It cannot be recorded further, and is not to go on without: nothing of it is shown any more. */
  onUnrecorded: () => void;
};

/** A session's output: its log, its recording, the pace at which it is read, and the events that say what was discarded and how the disk is. */
export class SessionOutput {
  readonly log: OutputLog;
  readonly recording: SessionRecording | undefined;
  readonly #pacer: OutputPacer;
  readonly #listeners: Listeners;
  #isDiskFailureTold = false;

  constructor({ folders, configuration, settings, mode, recording }: ProgramOptions, listeners: Listeners) {
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
    this.recording = recording;
    if (recording !== undefined) recording.onProblem = (problem) => this.#onUnrecorded(recording, problem);
  }

  get mode(): 'Drop' | 'Block' {
    return this.#pacer.mode;
  }

  set mode(mode: 'Drop' | 'Block') {
    this.#pacer.mode = mode;
    this.pace();
  }

  get info(): Pick<SessionInfo, 'diskProblem' | 'recording'> {
    return { diskProblem: this.#diskProblem, recording: this.recording?.info };
  }

  /** Why the output does not go to disk, in words that end a sentence; undefined while it does. */
  get #diskProblem(): string | undefined {
    const { diskError } = this.log;
    return diskError && (exhaustedResource(diskError) ?? diskError.message);
  }

  /** Why the session is not to go on, in words that end a sentence; undefined while it is. */
  get stopReason(): string | undefined {
    const { problem, stopsSession } = this.recording ?? {};
    return problem !== undefined && stopsSession === true ? `it cannot be recorded further: ${problem}` : undefined;
  }

  /** What is said to whoever wants something of the program when that has ended, or is not to go on. */
  get endLine(): string {
    const why = this.stopReason;
    return `The session's program has ended${why === undefined ? '' : `: ${why}`}`;
  }

  /**
   * Records `bytes` and adds a copy; what the policy discards for it becomes an event.
   * @returns false, and nothing is added, when it could not be recorded and is not to be shown then
   */
  append(bytes: Buffer): boolean {
    if (this.recording?.output(bytes) === false) return false;
    this.log.append(bytes);
    const { events, backlogBytes, onNews } = this.#listeners;
    const gap = this.#pacer.drop(backlogBytes());
    if (gap === undefined || events.widenGap(gap.from, gap.to)) return true;
    events.add({ type: 'output.dropped', at: gap.from, to: gap.to });
    onNews();
    return true;
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

  #onUnrecorded({ stopsSession: stops }: SessionRecording, problem: string): void {
    const { events, onNews, onUnrecorded } = this.#listeners;
    events.add({ type: 'recording.ended', at: this.log.end, problem, stops });
    onNews();
    if (stops) onUnrecorded();
  }

  /** One event when the disk fails, one when it works again. */
  #onDisk(): void {
    const { events, onNews } = this.#listeners;
    const { end: at } = this.log;
    const problem = this.#diskProblem;
    if ((problem !== undefined) !== this.#isDiskFailureTold) {
      this.#isDiskFailureTold = problem !== undefined;
      events.add({ type: 'disk.changed', at, problem });
      onNews();
    }
    this.pace();
  }
}
