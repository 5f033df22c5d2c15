import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Signer } from '@holdfast/protocol';
import type { TestHome } from '../../gateway/testing/test-gateway.ts';

/** Why tests with users of their own cannot run here, if so. */
export function whyNoUsers(): string | undefined {
  if (process.getuid?.() !== 0) return 'making users needs root';
  const missing = ['/usr/sbin/useradd', '/usr/bin/setpriv'].find((program) => !existsSync(program));
  return missing === undefined ? undefined : `${missing} is not on this machine: apt-get install passwd util-linux`;
}

let made = 0;

/** An account of this machine with a home folder in a test's folder and a key of its own; gone when disposed. */
export class UnixUser {
  readonly name: string;
  readonly home: string;
  readonly key: Signer;
  readonly uid: number;
  readonly gid: number;

  constructor(home: TestHome, ...options: string[]) {
    made += 1;
    this.name = `hf${process.pid}x${made}`;
    this.home = path.join(home.folder, this.name);
    this.key = home.makeKey(`key-${this.name}`);
    const standard = ['--create-home', '--home-dir', this.home, '--shell', '/bin/bash', '--password', '*'];
    execFileSync('/usr/sbin/useradd', [...standard, ...options, this.name], { stdio: 'pipe' });
    this.uid = Number(run('id', '-u', this.name));
    this.gid = Number(run('id', '-g', this.name));
    chmodSync(this.home, 0o700);
    this.authorize(readFileSync(path.join(home.folder, `key-${this.name}.pub`), 'utf8'));
  }

  get keysFile(): string {
    return path.join(this.home, '.ssh', 'authorized_keys');
  }

  authorize(line: string): void {
    const folder = path.dirname(this.keysFile);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    appendFileSync(this.keysFile, line, { mode: 0o600 });
    for (const name of [folder, this.keysFile]) chownSync(name, this.uid, this.gid);
  }

  [Symbol.dispose](): void {
    execFileSync('/usr/sbin/userdel', ['--force', '--remove', this.name], { stdio: 'pipe' });
  }
}

/** Runs a program for its output. */
export function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe' }).trim();
}
