import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const AGENT = fileURLToPath(new URL('../../../../agent/src/main.ts', import.meta.url));

/** A HOME of its own with an SSH key that opens it, for a real agent and its clients. */
export class RealAgent implements AsyncDisposable {
  readonly home: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly identity: string;
  port = 0;
  /** `SHA256:...` of its host key. */
  fingerprint = '';
  #process: ChildProcess | undefined;

  /** @param homeBytes makes the HOME's path at least so long */
  constructor(homeBytes = 0) {
    const base = mkdtempSync(join(tmpdir(), 'client-'));
    this.home = base.padEnd(homeBytes, '/a-folder-of-a-long-path').replace(/\/$/, '_');
    this.identity = join(this.home, '.ssh', 'id_ed25519');
    mkdirSync(join(this.home, '.ssh'), { recursive: true, mode: 0o700 });
    writeFileSync(join(this.home, '.bashrc'), '');
    const { PATH = '', USER = 'root' } = process.env;
    this.environment = {
      HOME: this.home,
      PATH,
      USER,
      LOGNAME: USER,
      SHELL: '/bin/bash',
      LANG: 'C.UTF-8',
      TERM: 'xterm',
    };
  }

  /** Starts the gateway, again on the port that it had. */
  async serve(): Promise<void> {
    const keys = join(this.home, 'authorized_keys');
    if (this.port === 0) {
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', this.identity]);
      copyFileSync(`${this.identity}.pub`, keys);
    }
    const folders = ['--state-dir', join(this.home, 'agent'), '--authorized-keys', keys];
    const child = spawn(process.execPath, [AGENT, 'serve', '--listen', `127.0.0.1:${this.port}`, ...folders], {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#process = child;
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const [, port, fingerprint = ''] = /:(\d+)\s.*(SHA256:\S+)/.exec(String(line)) ?? [];
    this.port = Number(port);
    this.fingerprint = fingerprint;
  }

  /** Kills the gateway with -9; the sessions stay. */
  async killGateway(): Promise<void> {
    const child = this.#process;
    if (child === undefined) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Processes that were started with this HOME. */
  pids(): number[] {
    const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return all.filter((pid) => environmentOf(pid).includes(`HOME=${this.home}\0`)).map(Number);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let round = 0; round < 20 && this.pids().length > 0; round += 1) {
      for (const pid of this.pids()) kill(pid);
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    }
    const [base = this.home] = /^.*\/client-[^/]+/.exec(this.home) ?? [];
    rmSync(base.slice(0, join(tmpdir(), 'client-XXXXXX').length), { recursive: true, force: true });
  }
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    // It has ended.
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
