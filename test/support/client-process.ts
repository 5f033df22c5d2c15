import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientSettings, LinkState } from '@holdfast/shell/client';
import { expect } from 'vitest';
import type { Machine } from './machine.ts';
import { NumberedLines } from './numbered-lines.ts';
import { TypedStream } from './typed-stream.ts';

const FIXTURE = join(import.meta.dirname, 'client-process.fixture.ts');

/** What the process is to do: that many sessions, which keep what they read in files of the host's HOME. */
export type ClientTask = { host: string; sessions: number; files: string; settings: Partial<ClientSettings> };
export type ClientReport =
  | { kind: 'begun' }
  | { kind: 'link'; state: LinkState; reason: string }
  | { kind: 'output'; session: number; bytes: Uint8Array }
  | { kind: 'over'; session: number; reason: string };
export type ClientWish = { session: number; bytes: Uint8Array };

/** One session of the process: what it prints, and what was typed into it. */
class CheckedSession {
  readonly numbers = new NumberedLines();
  readonly typed: TypedStream;

  constructor(seed: number) {
    this.typed = new TypedStream(seed);
    this.typed.begin();
  }
}

/**
 * The client library in a process of its own, which a test stops, moves to another network or gives another clock. Each
 * of its sessions numbers its lines all the while and keeps what it is given, and both are compared byte for byte.
 */
export class ClientProcess implements AsyncDisposable {
  /** States of its link since it began. */
  readonly states: LinkState[] = [];
  /** What befell its sessions that must not. */
  readonly faults: string[] = [];
  readonly #process: ChildProcess;
  readonly #host: Machine;
  readonly #files: string;
  readonly #sessions: CheckedSession[];
  readonly #begun = Promise.withResolvers<void>();
  readonly #gone: Promise<void>;

  private constructor(child: ChildProcess, host: Machine, task: ClientTask) {
    this.#process = child;
    this.#host = host;
    this.#files = task.files;
    this.#sessions = Array.from({ length: task.sessions }, (_, index) => new CheckedSession(index));
    let errors = '';
    child.stderr?.on('data', (text: Buffer) => (errors += text.toString()));
    child.on('message', (report: ClientReport) => this.#take(report));
    this.#gone = new Promise((resolve) =>
      child.once('close', () => {
        this.#begun.reject(new Error(`The client has ended: ${errors}`));
        resolve();
      }),
    );
  }

  /**
   * Starts it, and waits until its sessions run.
   * @param options.through a command that starts another in its place, such as `ip netns exec NAME`
   */
  static async start(
    { client, host }: { client: Machine; host: Machine },
    task: ClientTask,
    options: { env?: Record<string, string>; through?: readonly string[] } = {},
  ): Promise<ClientProcess> {
    const [file, ...args] = [...(options.through ?? []), process.execPath, FIXTURE, JSON.stringify(task)];
    const child = spawn(file, args, {
      env: { ...client.env, ...options.env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      serialization: 'advanced',
    });
    const started = new ClientProcess(child, host, task);
    await started.#begun.promise;
    await started.works();
    started.states.length = 0;
    return started;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Types the next piece of the stream into each session. */
  type(bytes = 1000): void {
    for (const [session, { typed }] of this.#sessions.entries()) {
      this.#process.send({ session, bytes: typed.next(bytes) } satisfies ClientWish);
    }
  }

  /** Types, and waits until each session has printed more and has read all, with nothing wrong in it. */
  async works(): Promise<void> {
    this.type();
    const before = this.#sessions.map(({ numbers }) => numbers.next);
    await expect
      .poll(() => this.#sessions.every(({ numbers }, at) => numbers.next > (before[at] ?? 0) + 20) || this.faults)
      .toBe(true);
    await expect
      .poll(() => this.#sessions.map((session, at) => session.typed.compare(this.#read(at))))
      .toEqual(this.#sessions.map(() => undefined));
    expect([...this.faults, ...this.#sessions.flatMap(({ numbers }) => numbers.fault ?? [])]).toEqual([]);
  }

  /** Bytes that were compared, in all sessions: read by the client, and typed by it. */
  get figures(): { lines: number; typed: number } {
    return this.#sessions.reduce(
      (sum, { numbers, typed }) => ({ lines: sum.lines + numbers.next - 1, typed: sum.typed + typed.given }),
      { lines: 0, typed: 0 },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#gone;
  }

  #read(session: number): Buffer {
    try {
      return readFileSync(join(this.#host.home, `${this.#files}-${session}`));
    } catch {
      // Its program has not begun.
      return Buffer.alloc(0);
    }
  }

  #take(report: ClientReport): void {
    if (report.kind === 'begun') this.#begun.resolve();
    else if (report.kind === 'link') this.states.push(report.state);
    else if (report.kind === 'over') this.faults.push(`session ${report.session}: ${report.reason}`);
    else this.#sessions[report.session]?.numbers.take(Buffer.from(report.bytes));
  }
}
