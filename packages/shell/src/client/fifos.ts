import { spawn } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readdirSync, rmSync } from 'node:fs';
// Pipes' ends, not a network's: Node has no other class that waits on a descriptor.
// oxlint-disable-next-line no-restricted-imports
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { RemotingError } from '@holdfast/protocol';

/** Made at a time, since each time costs a process. */
const BATCH = 12;

/** One named pipe between this process, which has `stream`, and whoever opens `path`. */
export type Fifo = {
  readonly path: string;
  readonly stream: Socket;
  /** The other side has opened it, or never will: from now on its end is seen. The name goes. */
  readonly opened: () => void;
};

/**
 * Named pipes to programs that another process starts, in a folder that only this user may enter. Node cannot make them
 * (https://nodejs.org/api/fs.html has no mkfifo), so mkfifo(1) does, ahead of time.
 */
export class Fifos {
  #folder: string | undefined;
  #ready: string[] = [];
  #made = 0;
  #making: Promise<void> | undefined;
  #isOver = false;

  /** A pipe that this process reads or writes. @throws RemotingError ProgramNotStarted */
  async take(end: 'read' | 'write'): Promise<Fifo> {
    while (this.#ready.length === 0) await this.#make();
    const path = this.#ready.shift() ?? '';
    if (this.#ready.length < BATCH / 2) this.#make().catch(() => undefined);
    // Open at both ends, so that neither side waits for the other or takes its absence for the end.
    const both = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
    const stream = openEnd(path, end, () => closeSync(both));
    let isOpened = false;
    const opened = (): void => {
      if (isOpened) return;
      isOpened = true;
      closeSync(both);
      rmSync(path, { force: true });
    };
    return { path, stream, opened };
  }

  /** Removes the folder; no pipe is made any more. */
  dispose(): void {
    this.#isOver = true;
    this.#ready = [];
    const folder = this.#folder;
    const remove = (): void => {
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
    };
    if (this.#making === undefined) remove();
    else void this.#making.then(remove, remove);
  }

  #make(): Promise<void> {
    this.#making ??= this.#makeBatch().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  async #makeBatch(): Promise<void> {
    if (this.#isOver) throw new RemotingError('ProgramNotStarted', 'The prompt is at its end');
    this.#folder ??= makeFolder();
    const folder = this.#folder;
    const paths = Array.from({ length: BATCH }, () => join(folder, String(this.#made++)));
    const { promise, resolve } = Promise.withResolvers<number | null>();
    spawn('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore' })
      .once('exit', resolve)
      .once('error', () => resolve(null));
    const status = await promise;
    if (status !== 0) throw new RemotingError('ProgramNotStarted', `mkfifo could not make pipes in ${folder}`);
    this.#ready.push(...paths);
  }
}

function openEnd(path: string, end: 'read' | 'write', onFailure: () => void): Socket {
  const access = end === 'read' ? constants.O_RDONLY : constants.O_WRONLY;
  try {
    const fd = openSync(path, access | constants.O_NONBLOCK);
    return new Socket({ fd, readable: end === 'read', writable: end === 'write' });
  } catch (error) {
    onFailure();
    throw error;
  }
}

/** Folders are named by the process whose they are; those of processes that were killed go. */
function makeFolder(): string {
  const parent = resolve(tmpdir());
  for (const name of readdirSync(parent)) {
    const [, owner] = /^holdfast-(\d+)-\w+$/u.exec(name) ?? [];
    if (owner !== undefined && !isAlive(Number(owner))) removeOwn(join(parent, name));
  }
  return mkdtempSync(join(parent, `holdfast-${process.pid}-`));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function removeOwn(folder: string): void {
  try {
    rmSync(folder, { recursive: true });
  } catch {
    // Another user's.
  }
}
