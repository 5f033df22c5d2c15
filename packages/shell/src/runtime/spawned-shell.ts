import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { resolveClientSettings } from '../client/client-settings.ts';
import { loginShell } from '../client/login-shell.ts';
import { drain } from './drain.ts';
import type { NativeRun, NativeShell } from './native-shell.ts';
import { signalStatus } from './signal-status.ts';

/** Exit status of commands that were stopped. */
const STOPPED = signalStatus('SIGTERM');

/** Native commands as children of this process, in the user's shell. */
export class SpawnedShell implements NativeShell {
  readonly #cwd: () => string;
  readonly #killAfterMs: number;

  /**
   * @param cwd the working directory, asked for each command
   * @param killAfterMs commands that heed no SIGTERM are killed after so long
   * @throws RemotingError InvalidSetting
   */
  constructor(cwd: () => string = () => process.cwd(), killAfterMs = resolveClientSettings().killAfterMs) {
    this.#cwd = cwd;
    this.#killAfterMs = killAfterMs;
  }

  readonly hasTerminal = false;
  readonly isLasting = false;

  get cwd(): string {
    return this.#cwd();
  }

  environment(): Promise<ReadonlyMap<string, string>> {
    const entries = Object.entries(process.env);
    return Promise.resolve(new Map(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))));
  }

  export(name: string, value: string | undefined): Promise<void> {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
    return Promise.resolve();
  }

  async run(text: string, { stdin, onStdout, onStderr, signal }: NativeRun): Promise<number> {
    const shell = loginShell();
    // A group of its own: a stop reaches every command of the pipe.
    // bash takes a socket as input for a remote shell's, and reads .bashrc then, unless it runs in another shell.
    const env = { ...process.env, SHLVL: process.env['SHLVL'] ?? '1' };
    const child = spawn(shell, ['-c', text], { cwd: this.cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const stopped = Promise.withResolvers<number>();
    const stop = (): void => {
      endGroup(child, this.#killAfterMs);
      stopped.resolve(STOPPED);
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
    const ended = new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status, name) => resolve(status ?? signalStatus(name ?? 'SIGHUP')));
    });
    // A command that reads no further is no failure of who writes; what went wrong there is for who writes to say.
    pipeline(stdin === undefined ? Readable.from([]) : Readable.from(stdin), child.stdin).catch(() => undefined);
    const output = Promise.all([ended, drain(child.stdout, onStdout ?? onStderr), drain(child.stderr, onStderr)]);
    output.catch(() => undefined);
    try {
      const [status] = await Promise.race([output, stopped.promise.then((number) => [number])]);
      return status ?? STOPPED;
    } finally {
      signal.removeEventListener('abort', stop);
    }
  }
}

/** Asks the commands to end, takes their output away, and kills those that are there all the same after `killAfterMs`. */
function endGroup(child: ChildProcessWithoutNullStreams, killAfterMs: number): void {
  const signalGroup = (name: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // It has ended.
    }
  };
  signalGroup('SIGTERM');
  child.stdout.destroy();
  child.stderr.destroy();
  const timer = setTimeout(() => signalGroup('SIGKILL'), killAfterMs);
  child.once('exit', () => clearTimeout(timer));
}
