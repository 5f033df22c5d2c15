import { rmSync } from 'node:fs';
import type { SessionInfo } from '@holdfast/protocol';
import { exhaustedResource } from '../exhausted-resource.ts';
import { RecordedText } from './recorded-text.ts';
import { RecordingFile } from './recording-file.ts';
import type { RecordingSettings } from './recording-settings.ts';

const MAX_LABEL = 200;

/** What a recording says of its session before all else. */
export type RecordingHeader = {
  columns: number;
  rows: number;
  title: string;
  terminal: string | undefined;
  shell: string;
};

/**
 * The recording of one session as asciicast v2 (https://docs.asciinema.org/manual/asciicast/v2/): what its terminal printed,
 * its sizes, and a marker where each command line began. Nothing of what is typed goes through here: what shows is what
 * programs and the terminal's echo print.
 *
 * When it can be written no further it ends for good, at a whole line. With `stopSession` every line is in the file before
 * output() returns, so that whoever obeys it shows nothing that is not recorded; else lines wait up to `flushMs`.
 */
export class SessionRecording {
  /** Whether its end is the session's. */
  readonly stopsSession: boolean;
  /** Told once, when it cannot go on. */
  onProblem: (problem: string) => void = () => undefined;
  readonly #text = new RecordedText();
  readonly #startedAt = performance.now();
  readonly #path: string;
  #file: RecordingFile | undefined;
  #problem: string | undefined;

  constructor(options: { path: string; settings: RecordingSettings; flushMs: number; header: RecordingHeader }) {
    const { path, settings, flushMs, header } = options;
    this.stopsSession = settings.onFullDisk === 'stopSession';
    this.#path = path;
    try {
      this.#file = new RecordingFile({
        path,
        maxBytes: settings.maxBytes,
        flushMs: this.stopsSession ? 0 : flushMs,
        onFailed: (error) => this.#onFailed(error),
      });
    } catch (error) {
      this.#onFailed(error);
    }
    const file = this.#file;
    // Whether there is room at all is known at once.
    if (file !== undefined && !(file.append(headerLine(header)) && file.flush())) rmSync(path);
  }

  /** Why it ended before its session did, in words that end a sentence. */
  get problem(): string | undefined {
    return this.#problem;
  }

  get info(): NonNullable<SessionInfo['recording']> {
    return { file: this.#path, problem: this.#problem };
  }

  /** Records what the log takes next. @returns whether it may be shown */
  output(bytes: Buffer): boolean {
    if (this.#problem === undefined) this.#event('o', this.#text.add(bytes));
    return !this.stopsSession || this.#problem === undefined;
  }

  resize(columns: number, rows: number): void {
    this.#event('r', `${columns}x${rows}`);
  }

  /** A command line begins. */
  mark(text: string): void {
    const [line = ''] = text.split('\n', 1);
    this.#event('m', Array.from(line).slice(0, MAX_LABEL).join(''));
  }

  /** There is no more to record. */
  end(): void {
    this.#event('o', this.#text.end());
    this.#file?.close();
    this.#file = undefined;
  }

  /** Removes it: there is no session after all. */
  discard(): void {
    this.end();
    rmSync(this.#path, { force: true });
  }

  #event(code: 'o' | 'r' | 'm', data: string): void {
    if (data === '' && code === 'o') return;
    const seconds = Number(((performance.now() - this.#startedAt) / 1000).toFixed(6));
    this.#file?.append(JSON.stringify([seconds, code, data]));
  }

  #onFailed(error: unknown): void {
    this.#file = undefined;
    this.#problem = exhaustedResource(error) ?? (error instanceof Error ? error.message : String(error));
    this.onProblem(this.#problem);
  }
}

function headerLine({ columns, rows, title, terminal, shell }: RecordingHeader): string {
  return JSON.stringify({
    version: 2,
    width: columns,
    height: rows,
    timestamp: Math.floor(Date.now() / 1000),
    title,
    env: { TERM: terminal, SHELL: shell },
  });
}
