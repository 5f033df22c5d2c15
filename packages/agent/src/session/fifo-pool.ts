import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { RemotingError } from '@holdfast/protocol';
import { stdioWithoutMasters } from '../terminal/master-descriptors.ts';

/** Made at a time, since each time costs a process. */
const BATCH = 24;
/** Fewer than this are left: more are made. */
const LOW = 9;

/** Both ends of a pipe, as descriptors of this process. */
export type Pipe = { readEnd: number; writeEnd: number };

/** A pipe whose writers open it by its path; whoever took it removes that. */
export type NamedPipe = Pipe & { path: string };

/**
 * Pipes for programs. What child_process makes are sockets, through which `echo >/dev/stderr` fails; Node cannot make
 * pipes, so they come from named ones that mkfifo(1) made ahead of time, each used once.
 */
export class FifoPool {
  readonly #folder: string;
  #ready: string[] = [];
  #made = 0;
  #refill: Promise<void> | undefined;

  /** @param folder only this user may enter it */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** For the streams of a program: all three or, when it throws, none. @throws as takeNamed() */
  takeThree(): [Pipe, Pipe, Pipe] {
    const taken: Pipe[] = [];
    const take = (): Pipe => {
      const { path, ...pipe } = this.takeNamed();
      unlinkSync(path);
      taken.push(pipe);
      return pipe;
    };
    try {
      return [take(), take(), take()];
    } catch (error) {
      for (const { readEnd, writeEnd } of taken) for (const end of [readEnd, writeEnd]) closeSync(end);
      throw error;
    }
  }

  /** @throws RemotingError ProgramNotStarted when no pipe can be made; Error of node:fs when it cannot be opened */
  takeNamed(): NamedPipe {
    const path = this.#ready.shift() ?? this.#makeNow();
    if (this.#ready.length < LOW) this.refill();
    const opened: number[] = [];
    const open = (flags: number): number => {
      const descriptor = openSync(path, flags);
      opened.push(descriptor);
      return descriptor;
    };
    try {
      // Both ends at once, so that neither of the others waits.
      const both = open(constants.O_RDWR | constants.O_NONBLOCK);
      const pipe = { path, readEnd: open(constants.O_RDONLY), writeEnd: open(constants.O_WRONLY) };
      closeSync(both);
      return pipe;
    } catch (error) {
      for (const descriptor of opened) closeSync(descriptor);
      unlinkSync(path);
      throw error;
    }
  }

  /** Makes more pipes in the background. */
  refill(): void {
    this.#refill ??= this.#makeMore().finally(() => {
      this.#refill = undefined;
    });
  }

  /** Waits for what runs in the background; the folder may go then. */
  async close(): Promise<void> {
    await this.#refill;
  }

  async #makeMore(): Promise<void> {
    const paths = this.#newPaths();
    const { promise, resolve } = Promise.withResolvers<number | null>();
    // If it cannot be started, take() tries again, and says so when that fails too.
    startMkfifo(paths)
      .once('exit', resolve)
      .once('error', () => resolve(null));
    if ((await promise) === 0) this.#ready.push(...paths);
  }

  #makeNow(): string {
    const paths = this.#newPaths();
    using entries = stdioWithoutMasters(['ignore', 'ignore', 'ignore']);
    const { status, error } = spawnSync('mkfifo', ['-m', '600', ...paths], { stdio: entries.stdio });
    const [first, ...rest] = paths;
    if (status !== 0 || first === undefined) {
      throw new RemotingError('ProgramNotStarted', `mkfifo could not make pipes in ${this.#folder}`, { cause: error });
    }
    this.#ready.push(...rest);
    return first;
  }

  #newPaths(): string[] {
    return Array.from({ length: BATCH }, () => join(this.#folder, `pipe-${this.#made++}`));
  }
}

function startMkfifo(paths: readonly string[]): ChildProcess {
  using entries = stdioWithoutMasters(['ignore', 'ignore', 'ignore']);
  return spawn('mkfifo', ['-m', '600', ...paths], { stdio: entries.stdio });
}
