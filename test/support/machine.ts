import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClientSettings } from '@holdfast/shell/client';

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** The installed programs, as scripts call them. */
export const HOLDFAST = join(ROOT, 'node_modules/.bin/holdfast');
export const HOLDFAST_AGENT = join(ROOT, 'node_modules/.bin/holdfast-agent');

/**
 * A machine of its own as far as Holdfast can tell: an empty HOME with a new SSH key, and folders that no other test
 * sees. Disposing it kills, by pid, every process that was started with its HOME.
 */
export class Machine {
  readonly home: string;
  readonly env: Record<string, string>;

  constructor(options: { homeBytes?: number; bashrc?: string; key?: boolean } = {}) {
    const base = mkdtempSync(join(tmpdir(), 'hf-'));
    this.home = options.homeBytes === undefined ? base : padPath(base, options.homeBytes);
    mkdirSync(join(this.home, '.ssh'), { recursive: true, mode: 0o700 });
    writeFileSync(join(this.home, '.bashrc'), options.bashrc ?? '');
    this.env = {
      HOME: this.home,
      PATH: `${join(ROOT, 'node_modules/.bin')}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
      LANG: 'C.UTF-8',
      TERM: 'xterm-256color',
      SHELL: '/bin/bash',
      USER: userName(),
      LOGNAME: userName(),
    };
    if (options.key !== false) this.makeKey('id_ed25519');
  }

  /** Makes a key pair with ssh-keygen and returns the public line. */
  makeKey(name: string, options: { type?: string; passphrase?: string } = {}): string {
    const file = join(this.home, '.ssh', name);
    const type = options.type ?? 'ed25519';
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', options.passphrase ?? '', '-C', name, '-f', file]);
    return readFileSync(`${file}.pub`, 'utf8').trim();
  }

  /** The public line of a key made here. */
  publicKey(name = 'id_ed25519'): string {
    return readFileSync(join(this.home, '.ssh', `${name}.pub`), 'utf8').trim();
  }

  /** Copies another machine's key, so that the same person sits at both. */
  takeKeyOf(other: Machine, name = 'id_ed25519'): void {
    for (const suffix of ['', '.pub']) {
      const text = readFileSync(join(other.home, '.ssh', name + suffix));
      writeFileSync(join(this.home, '.ssh', name + suffix), text, { mode: 0o600 });
    }
  }

  /** Sets limits of the programs of a person who sits here, see CLIENT_SETTINGS. */
  set clientSettings(settings: Partial<ClientSettings>) {
    this.env['HOLDFAST_CLIENT_SETTINGS'] = JSON.stringify(settings);
  }

  /** Names hosts in config.toml and, with their key, in known_hosts. */
  knows(
    hosts: Record<string, { port: number; address?: string; hostKey?: string; fields?: Record<string, string> }>,
  ): void {
    const folder = join(this.home, '.config', 'holdfast');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    let config = '';
    let known = '';
    for (const [name, host] of Object.entries(hosts)) {
      const { port, address = '127.0.0.1' } = host;
      config += `[hosts.${JSON.stringify(name)}]\nurl = "wss://${address}:${port}"\n`;
      for (const [key, value] of Object.entries(host.fields ?? {})) config += `${key} = ${JSON.stringify(value)}\n`;
      if (host.hostKey !== undefined) known += `[${address}]:${port} ${host.hostKey}\n`;
    }
    writeFileSync(join(folder, 'config.toml'), config);
    writeFileSync(join(this.home, '.ssh', 'known_hosts'), known, { mode: 0o600 });
  }

  /** @returns what gives the pids of the processes with this HOME that were not there yet, whoever is their parent by then */
  markProcesses(): () => number[] {
    const entry = `HOME=${this.home}`;
    const before = new Set(processesWith(entry));
    return () => processesWith(entry).filter((pid) => !before.has(pid));
  }

  /** Kills what was started with this HOME and removes it. */
  [Symbol.dispose](): void {
    for (let round = 0; round < 50; round += 1) {
      const pids = processesWith(`HOME=${this.home}`);
      if (pids.length === 0) break;
      for (const pid of pids) kill(pid);
    }
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 });
  }
}

/** Pids of the processes whose environment has the entry `entry`, this one left out. */
export function processesWith(entry: string): number[] {
  const pids: number[] = [];
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    try {
      if (readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(entry)) pids.push(pid);
    } catch {
      // The process has ended meanwhile, or is another user's.
    }
  }
  return pids;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/** Lengthens a path to exactly `bytes` bytes by folders of its own. */
function padPath(base: string, bytes: number): string {
  let path = base;
  while (Buffer.byteLength(path) < bytes) {
    const room = bytes - Buffer.byteLength(path) - 1;
    if (room <= 0) return path;
    path = join(path, 'x'.repeat(Math.min(room, 60)));
  }
  mkdirSync(dirname(path), { recursive: true });
  return path;
}

function userName(): string {
  return execFileSync('id', ['-un'], { encoding: 'utf8' }).trim();
}
