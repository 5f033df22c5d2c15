import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { TestRunner, onTestFinished, type RunnerTestCase } from 'vitest';
import { needProgram } from './need-program.ts';

const PAGE = Buffer.alloc(4096);

/** A file system of a few megabytes in memory, which a test fills and empties. Only root can mount one: else the test is skipped. */
export class SmallDisk implements Disposable {
  /** Where it is mounted; its owner alone may enter (0700). */
  readonly folder: string;
  #isGone = false;

  /** @param options.uid whose it is; root's by default */
  constructor(folder: string, bytes: number, options: { uid?: number; gid?: number } = {}) {
    needProgram('mount');
    skipUnlessRoot();
    const { uid = 0, gid = 0 } = options;
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
    // A test that runs out of time leaves its blocks without disposing.
    onTestFinished(() => this[Symbol.dispose]());
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700,uid=${uid},gid=${gid}`, 'tmpfs', folder]);
  }

  /** Bytes that are free. */
  get free(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }

  /** Takes all the space that is left, as another program's file would. */
  fill(): void {
    const file = openSync(join(this.folder, 'filling'), 'a');
    try {
      for (;;) writeSync(file, PAGE);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      closeSync(file);
    }
  }

  /** Gives that space back. */
  empty(): void {
    rmSync(join(this.folder, 'filling'), { force: true });
  }

  [Symbol.dispose](): void {
    if (this.#isGone) return;
    this.#isGone = true;
    // Lazily: a process that is just ending may hold it for another moment.
    spawnSync('umount', ['--lazy', this.folder]);
  }
}

function skipUnlessRoot(): void {
  if (process.getuid?.() === 0) return;
  const test = TestRunner.getCurrentTest<RunnerTestCase | undefined>();
  test?.context.skip('mounting a small disk needs root');
}
