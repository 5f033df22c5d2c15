import { randomUUID } from 'node:crypto';
import type { ErrorRecord } from './error-record.ts';
import type { RemoteText } from './remote-text.ts';

export type JobState = 'NotStarted' | 'Running' | 'Completed' | 'Failed' | 'Stopped' | 'Disconnected';

/** Takes what a remote command gives; a promise holds the command back. */
export type RemoteSink = {
  readonly lines: (lines: readonly RemoteText[]) => void | Promise<void>;
  readonly error: (record: ErrorRecord) => void | Promise<void>;
  /** The command's exit status, once it has ended. */
  readonly status: (status: number) => void;
};

/** How a task ended; a command whose session was disconnected goes on without it. */
export type TaskEnd = 'Completed' | 'Failed' | { readonly disconnected: ErrorRecord };

/** What a job does on one target. */
export type JobTask = {
  readonly computerName: string;
  /** The session that it runs in; a one-shot has none. */
  readonly instanceId?: string | undefined;
  /** What fails is given to the sink. @throws only when the signal aborts */
  readonly run: (sink: RemoteSink, signal: AbortSignal) => Promise<TaskEnd>;
};

/** Characters of output that wait to be received, above which the command waits as well. */
const MAX_WAITING = 64 * 1024 * 1024;

/** Which job it is: its number and name in this client, and what it runs. */
export type JobIdentity = { readonly id: number; readonly name: string; readonly command: string };

/** What a remote command does on one target, and the output of it that nobody has received yet. */
export class ChildJob {
  readonly Id: number;
  readonly Name: string;
  readonly InstanceId = randomUUID();
  readonly PSJobTypeName = '';
  readonly Location: string;
  readonly Command: string;
  readonly #task: JobTask;
  readonly #stop = new AbortController();
  #state: JobState = 'NotStarted';
  #reason: ErrorRecord | undefined;
  #begun: Date | undefined;
  #ended: Date | undefined;
  #results: (RemoteText | ErrorRecord)[] = [];
  #waiting = 0;
  readonly #errors: ErrorRecord[] = [];
  readonly #listeners = new Set<() => void>();
  #received = Promise.withResolvers<void>();

  constructor({ id, name, command }: JobIdentity, task: JobTask) {
    this.Id = id;
    this.Name = name;
    this.Command = command;
    this.Location = task.computerName;
    this.#task = task;
  }

  get State(): JobState {
    return this.#state;
  }

  get HasMoreData(): boolean {
    return this.#results.length > 0 || !this.isOver;
  }

  get JobStateInfo(): { State: JobState; Reason: string } {
    return { State: this.#state, Reason: this.#reason?.message ?? '' };
  }

  get PSBeginTime(): Date | undefined {
    return this.#begun;
  }

  get PSEndTime(): Date | undefined {
    return this.#ended;
  }

  /** Its errors, received or not. */
  get Error(): readonly ErrorRecord[] {
    return this.#errors;
  }

  /** The session that it runs in. */
  get instanceIdOfSession(): string | undefined {
    return this.#task.instanceId;
  }

  get isOver(): boolean {
    return this.#state === 'Completed' || this.#state === 'Failed' || this.#state === 'Stopped';
  }

  toString(): string {
    return this.Name;
  }

  /** Calls back when there is more output or another state. @returns a function that ends the listening */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Its task was begun elsewhere, and goes on in a session that was disconnected. */
  adoptDisconnected(): void {
    this.#begun = new Date();
    this.#setState('Disconnected');
  }

  /** Does the work, or goes on with it where it was disconnected. */
  async run(): Promise<void> {
    if (this.#stop.signal.aborted) {
      this.#setState('Stopped');
      return;
    }
    this.#begun ??= new Date();
    this.#setState('Running');
    const sink: RemoteSink = {
      lines: (lines) =>
        this.#keep(
          lines,
          lines.reduce((sum, { Length }) => sum + Length, 0),
        ),
      error: (record) => {
        this.#errors.push(record);
        this.#reason = record;
        return this.#keep([record], record.message.length);
      },
      status: () => undefined,
    };
    try {
      const end = await this.#task.run(sink, this.#stop.signal);
      if (this.#stop.signal.aborted) this.#setState('Stopped');
      else this.#setState(typeof end === 'string' ? end : 'Disconnected');
    } catch {
      // Only a stop throws; what failed is an error record.
      this.#setState('Stopped');
    }
  }

  /** What has come since the last call; `keep` leaves it for another. */
  receive(keep: boolean): readonly (RemoteText | ErrorRecord)[] {
    const results = this.#results;
    if (keep) return [...results];
    this.#results = [];
    this.#waiting = 0;
    this.#received.resolve();
    this.#received = Promise.withResolvers();
    return results;
  }

  stop(): void {
    this.#stop.abort();
  }

  #keep(results: readonly (RemoteText | ErrorRecord)[], size: number): void | Promise<void> {
    this.#results.push(...results);
    this.#waiting += size;
    this.#tell();
    return this.#waiting > MAX_WAITING ? this.#received.promise : undefined;
  }

  #setState(state: JobState): void {
    this.#state = state;
    if (this.isOver) this.#ended = new Date();
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
