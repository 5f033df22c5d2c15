import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A program in front of this machine's own of that name, which never answers; until it is disposed. */
export class HangingProgram implements Disposable {
  readonly file: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'hf-hangs-'));
  readonly #path = process.env['PATH'] ?? '';

  constructor(name: string) {
    this.file = join(this.#folder, name);
    execFileSync('mkfifo', [`${this.file}.fifo`]);
    // Nobody ever writes there.
    writeFileSync(this.file, `#!/bin/sh\nread -r answer <'${this.file}.fifo'\n`, { mode: 0o755 });
    process.env['PATH'] = `${this.#folder}:${this.#path}`;
  }

  /** Pids of those that run. */
  get running(): number[] {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0 && commandOf(pid).includes(this.file));
  }

  [Symbol.dispose](): void {
    process.env['PATH'] = this.#path;
    for (const pid of this.running) process.kill(pid, 'SIGKILL');
    rmSync(this.#folder, { recursive: true });
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    // It has ended.
    return '';
  }
}
