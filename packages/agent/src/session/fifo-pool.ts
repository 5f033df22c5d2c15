import { spawn, spawnSync } from 'node:child_process';
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

/**
 * Pipes for programs. What child_process makes are sockets, through which `echo >/dev/stderr` fails; Node cannot make
 * pipes, so they come from named ones that mkfifo(1) made ahead of time, each used once.
 */
export class FifoPool {
  readonly #folder: string;
  #ready: string[] = [];
  #made = 0;
  #refilling = false;

  /** @param folder only this user may enter it */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws RemotingError ProgramNotStarted when no pipe can be made */
  take(): Pipe {
    const path = this.#ready.shift() ?? this.#makeNow();
    if (this.#ready.length < LOW) this.refill();
    const both = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    try {
      const readEnd = openSync(path, constants.O_RDONLY);
      return { readEnd, writeEnd: openSync(path, constants.O_WRONLY) };
    } finally {
      closeSync(both);
      unlinkSync(path);
    }
  }

  /** Makes more pipes in the background. */
  refill(): void {
    if (this.#refilling) return;
    this.#refilling = true;
    const paths = this.#newPaths();
    using entries = stdioWithoutMasters(['ignore', 'ignore', 'ignore']);
    const child = spawn('mkfifo', ['-m', '600', ...paths], { stdio: entries.stdio });
    child.on('error', () => {
      // take() tries again, and says so when that fails too.
      this.#refilling = false;
    });
    child.on('exit', (status) => {
      this.#refilling = false;
      if (status === 0) this.#ready.push(...paths);
    });
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
