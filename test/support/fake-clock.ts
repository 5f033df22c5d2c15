import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { needProgram } from './need-program.ts';

/** The loader puts the folder of this machine's architecture in the place of $LIB. */
const LIBRARY = '/usr/$LIB/faketime/libfaketimeMT.so.1';

/** The clock of the processes that are started with its environment, which a test moves while they run (libfaketime). */
export class FakeClock implements Disposable {
  readonly env: Record<string, string>;
  readonly #folder = mkdtempSync(join(tmpdir(), 'hf-clock-'));
  readonly #file = join(this.#folder, 'offset');

  /** @param kind `wall` is what a correction moves; `all` the monotonic clock too, as where that counts a sleep */
  constructor(kind: 'wall' | 'all') {
    needProgram('faketime');
    this.env = {
      LD_PRELOAD: LIBRARY,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      ...(kind === 'wall' ? { DONT_FAKE_MONOTONIC: '1' } : {}),
    };
    this.set(0);
  }

  /** The clock is so many seconds ahead of the real one, from now on. */
  set(seconds: number): void {
    const next = `${this.#file}.next`;
    writeFileSync(next, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    // A process reads the file at any moment, and must not meet half of it.
    renameSync(next, this.#file);
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
