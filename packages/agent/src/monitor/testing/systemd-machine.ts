import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SCRIPT = fileURLToPath(new URL('systemd-machine.sh', import.meta.url));
const SOURCE = fileURLToPath(new URL('../../../../..', import.meta.url)).replace(/\/$/, '');
const SYSTEMD = '/lib/systemd/systemd';
const BOOT_MS = 30_000;

const run = promisify(execFile);

/** Why systemd cannot be booted here, if so. */
export function whyNoSystemd(): string | undefined {
  if (process.getuid?.() !== 0) return 'booting systemd in namespaces needs root';
  if (!existsSync(SYSTEMD)) return `${SYSTEMD} is not on this machine: apt-get install systemd`;
  if (cgroups() === undefined) return 'there is no cgroup2 file system here';
  try {
    execFileSync('unshare', ['--mount', '--pid', '--fork', '--cgroup', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
      stdio: 'pipe',
    });
    rmdirSync(makeCgroup());
    return undefined;
  } catch (error) {
    return `namespaces and cgroups of one's own are not possible here: ${String(error).split('\n')[0]}`;
  }
}

/** A machine with a systemd of its own, with this machine's files and programs; what happens in it stays there. */
export class SystemdMachine implements AsyncDisposable {
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'holdfast-systemd-'));
  readonly #cgroup = makeCgroup();
  #process: ChildProcess | undefined;
  #systemd = 0;

  /**
   * Boots. The sources are at /opt.
   * @param setup a shell script that runs before systemd does
   */
  static async boot(setup: string): Promise<SystemdMachine> {
    const machine = new SystemdMachine();
    try {
      await machine.#boot(setup);
      return machine;
    } catch (error) {
      await machine[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #boot(setup: string): Promise<void> {
    // It ends with this process, however that ends.
    const args = ['--pdeathsig=KILL', '--', SCRIPT, this.#folder, this.#cgroup, setup];
    const child = spawn('setpriv', args, {
      env: { PATH: process.env['PATH'], HOLDFAST_SOURCE: SOURCE },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (said += data.toString()));
    const until = Date.now() + BOOT_MS;
    for (;;) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`systemd does not boot: ${said}`);
      if (Date.now() > until) throw new Error(`systemd has not booted: ${said}`);
      await delay(50);
      if (await this.#isUp(child.pid)) return;
    }
  }

  async #isUp(unshare: number | undefined): Promise<boolean> {
    const children = readFileSync(`/proc/${unshare}/task/${unshare}/children`, 'utf8').trim().split(' ');
    const first = Number(children[0]);
    if (!(first > 0) || readFileSync(`/proc/${first}/comm`, 'utf8').trim() !== 'systemd') return false;
    this.#systemd = first;
    const state = await this.run('systemctl is-system-running').catch(
      (error: { stdout?: string }) => error.stdout ?? '',
    );
    return /^(?:running|degraded)/.test(state);
  }

  /** Runs a shell command in it, as root. @returns what it printed @throws when it fails */
  async run(command: string): Promise<string> {
    const into = ['--target', String(this.#systemd), '--mount', '--pid', '--uts', '--ipc', '--cgroup'];
    const { stdout } = await run('nsenter', [...into, '--', 'sh', '-c', command], {
      env: { PATH: '/usr/local/bin:/usr/sbin:/usr/bin' },
    });
    return stdout.trim();
  }

  /** Ends all that runs in it. */
  async [Symbol.asyncDispose](): Promise<void> {
    writeFileSync(path.join(this.#cgroup, 'cgroup.kill'), '1');
    const isOver = (): boolean =>
      this.#process === undefined || this.#process.exitCode !== null || this.#process.signalCode !== null;
    while (!isOver() || !removeCgroup(this.#cgroup)) await delay(20);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function cgroups(): string | undefined {
  return /^\S+ (\S+) cgroup2 /m.exec(readFileSync('/proc/mounts', 'utf8'))?.[1];
}

function makeCgroup(): string {
  const folder = path.join(cgroups() ?? '', `holdfast-test-${process.pid}`);
  mkdirSync(folder);
  return folder;
}

/** @returns false while processes in it have not ended yet */
function removeCgroup(folder: string): boolean {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }).toReversed()) {
      if (entry.isDirectory()) rmdirSync(path.join(entry.parentPath, entry.name));
    }
    rmdirSync(folder);
    return true;
  } catch {
    return false;
  }
}
