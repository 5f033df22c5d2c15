import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { quoteWord } from '../client/shell-words.ts';
import type { Fifo, Fifos } from '../client/fifos.ts';
import { drain } from './drain.ts';
import type { NativeRun } from './native-shell.ts';
import { signalStatus } from './signal-status.ts';

/** What a command that runs beside the shell's own says of itself; 0: not said, or not known. */
export type NativeReport = { pid: number; group: number; status: number | undefined };

type CaughtUp = () => Promise<unknown> | undefined;

/** The named pipes of one native command: what goes in and out of it, and what it says of itself. */
export class NativeStreams {
  /** Redirections of the shell, in front of which the command stands. */
  readonly redirections: string;
  /**
   * Where the command says `o` when its streams are open; one in a fork of the shell keeps it open, and says `s PID GROUP`,
   * and `e STATUS` at its end.
   */
  readonly reportPath: string;
  readonly #input: Fifo | undefined;
  readonly #outputs: readonly Fifo[];
  readonly #report: Fifo;
  readonly #finished: Promise<unknown>;
  readonly #reported = Promise.withResolvers<NativeReport>();
  readonly said: NativeReport = { pid: 0, group: 0, status: undefined };
  #text = '';

  private constructor(
    fifos: { input?: Fifo | undefined; report: Fifo; outputs: Fifo[] },
    run: NativeRun,
    caughtUp: CaughtUp,
  ) {
    this.#input = fifos.input;
    this.#report = fifos.report;
    this.#outputs = fifos.outputs;
    this.reportPath = quoteWord(fifos.report.path);
    const [stdout, stderr] = fifos.outputs;
    const output = stdout === undefined ? '' : `>${quoteWord(stdout.path)} 2>${quoteWord(stderr?.path ?? '')}`;
    const noInput = stdout === undefined ? '' : '</dev/null ';
    const input = this.#input === undefined ? noInput : `<${quoteWord(this.#input.path)} `;
    this.redirections = `${input}${output}`;
    const work: Promise<unknown>[] = [];
    const after = (take: NativeRun['onStderr']) => async (bytes: Uint8Array) => {
      await caughtUp();
      await take(bytes);
    };
    if (run.onStdout !== undefined && stdout !== undefined) work.push(drain(stdout.stream, after(run.onStdout)));
    if (stderr !== undefined) work.push(drain(stderr.stream, after(run.onStderr)));
    this.#finished = Promise.all(work);
    this.#finished.catch(() => undefined);
    // A command that reads no further is no failure of who writes; what went wrong there is for who writes to say.
    if (this.#input !== undefined && run.stdin !== undefined) this.#feed(this.#input, run.stdin);
    fifos.report.stream.on('data', (chunk: Buffer) => this.#onReport(chunk.toString('latin1')));
    fifos.report.stream.on('close', () => this.#reported.resolve(this.said)).on('error', () => undefined);
  }

  /** @param caughtUp what output waits for, if for anything */
  static async open(fifos: Fifos, run: NativeRun, caughtUp: CaughtUp): Promise<NativeStreams> {
    const taken: Fifo[] = [];
    const take = async (end: 'read' | 'write'): Promise<Fifo> => {
      const fifo = await fifos.take(end);
      taken.push(fifo);
      return fifo;
    };
    try {
      const input = run.stdin === undefined ? undefined : await take('write');
      const report = await take('read');
      const outputs = run.onStdout === undefined ? [] : [await take('read'), await take('read')];
      return new NativeStreams({ input, report, outputs }, run, caughtUp);
    } catch (error) {
      for (const fifo of taken) release(fifo);
      throw error;
    }
  }

  /** Resolves when the command has said how it ended, or can say no more. */
  get reported(): Promise<NativeReport> {
    return this.#reported.promise;
  }

  /** How a command in a fork of the shell ended, which is over; one that was killed has not said it. */
  async status(): Promise<number> {
    this.#report.opened();
    const { status } = await this.reported;
    return status ?? signalStatus('SIGTERM');
  }

  /** The command is over, or was never begun: what it has written is all. Resolves when that is used up. */
  async finish(): Promise<void> {
    this.#opened();
    this.#report.opened();
    this.#input?.stream.destroy();
    await this.#finished;
    this.#report.stream.destroy();
  }

  /** Nobody wants any more of it. */
  destroy(): void {
    for (const fifo of [this.#input, this.#report, ...this.#outputs]) if (fifo !== undefined) release(fifo);
  }

  #opened(): void {
    for (const fifo of [this.#input, ...this.#outputs]) fifo?.opened();
  }

  #feed(fifo: Fifo, stdin: AsyncIterable<Uint8Array>): void {
    pipeline(Readable.from(stdin), fifo.stream).catch(() => undefined);
  }

  #onReport(text: string): void {
    this.#text += text;
    if (this.#text.startsWith('o\n')) this.#opened();
    const [, pid, group] = /^s (\d+) (\d+)$/mu.exec(this.#text) ?? [];
    if (pid !== undefined && this.said.pid === 0) {
      this.said.pid = Number(pid);
      this.said.group = Number(group);
      this.#opened();
      // Its end shows from now on, however it comes.
      this.#report.opened();
    }
    const [, status] = /^e (\d+)$/mu.exec(this.#text) ?? [];
    if (status === undefined) return;
    this.said.status = Number(status);
    this.#reported.resolve(this.said);
  }
}

function release({ opened, stream }: Fifo): void {
  opened();
  stream.destroy();
}
