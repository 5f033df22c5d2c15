import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TestHome } from './test-gateway.ts';

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url));

/** `allUsers`: as root, with the keys of each user. `through`: a command that becomes the agent's, which follows it. */
export type AgentOptions = { allUsers?: boolean; environment?: NodeJS.ProcessEnv; through?: readonly string[] };

/** `holdfast-agent serve` from source, as a process of its own; the port stays the same over restarts. */
export class AgentProcess implements AsyncDisposable {
  port = 0;
  fingerprint = '';
  /** What it wrote to standard error so far. */
  log = '';
  /** What it wrote to standard output so far. */
  said = '';
  readonly #home: TestHome;
  readonly #args: readonly string[];
  readonly #options: AgentOptions;
  #child: ChildProcess | undefined;

  private constructor(home: TestHome, args: readonly string[], options: AgentOptions) {
    this.#home = home;
    this.#args = args;
    this.#options = options;
  }

  static async start(home: TestHome, args: readonly string[] = [], options: AgentOptions = {}): Promise<AgentProcess> {
    const agent = new AgentProcess(home, args, options);
    await agent.restart();
    return agent;
  }

  async restart(): Promise<void> {
    const { stateDir, authorizedKeys } = this.#home;
    const { allUsers = false, environment = {}, through = [] } = this.#options;
    const standard = ['--listen', `127.0.0.1:${this.port}`, '--state-dir', stateDir];
    if (!allUsers) standard.push('--authorized-keys', authorizedKeys);
    const [program = '', ...args] = [...through, process.execPath, MAIN, 'serve', ...standard, ...this.#args];
    const child = spawn(program, args, {
      env: { ...this.#home.environment, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stderr.on('data', (data: Buffer) => (this.log += data.toString()));
    child.stdout.on('data', (data: Buffer) => (this.said += data.toString()));
    const [line] = await once(createInterface({ input: child.stdout }), 'line', {
      signal: AbortSignal.timeout(60_000),
    }).catch((error: unknown) => {
      child.kill('SIGKILL');
      throw error;
    });
    const match = /^holdfast-agent \S+ listening on wss:\/\/127\.0\.0\.1:(\d+) {2}host key (SHA256:\S+)$/.exec(
      String(line),
    );
    if (match === null) throw new Error(`It said ${String(line)}\n${this.log}`);
    this.port = Number(match[1]);
    this.fingerprint = String(match[2]);
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Ends the gateway and waits until it is gone. @returns its exit status, null after SIGKILL */
  async stop(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || !this.running) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
  }
}

/** Ends a process that is no child of this one, and waits until it is gone. */
export async function endProcess(pid: number): Promise<void> {
  for (let signal: NodeJS.Signals | 0 = 'SIGTERM'; ; signal = 0) {
    try {
      process.kill(pid, signal);
    } catch {
      // There is no such process any more.
      return;
    }
    await delay(20);
  }
}

/** Runs `holdfast-agent ARGS` to its end. */
export async function runAgent(
  home: TestHome,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const env = { ...home.environment, ...environment };
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  await once(child, 'close');
  return { status: child.exitCode, stdout, stderr };
}
