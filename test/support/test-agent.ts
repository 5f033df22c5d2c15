import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { HOLDFAST_AGENT, type Machine } from './machine.ts';

/** Where an agent on a machine keeps all that is its own. */
export function agentState(machine: Machine): string {
  return join(machine.home, 'agent-state');
}

/** Where an agent listens, and a command that starts it there in its place. */
export type AgentPlace = { address: string; through: readonly string[] };

/** A real agent process on loopback, or in a network of the test's own, in a Machine's HOME. */
export class TestAgent {
  port = 0;
  /** Fingerprint of the host key, from the line it prints when it listens. */
  fingerprint = '';
  /** What it wrote to its log so far. */
  log = '';
  readonly #machine: Machine;
  readonly #arguments: readonly string[];
  #process: ChildProcess | undefined;
  #program = HOLDFAST_AGENT;
  #place: AgentPlace = { address: '127.0.0.1', through: [] };

  private constructor(machine: Machine, args: readonly string[]) {
    this.#machine = machine;
    this.#arguments = args;
  }

  /**
   * Starts an agent that lets in the keys of `authorized` (public key lines).
   * @param options.env added to the machine's environment; `args` to the command line; `program` a build in another folder
   */
  static async start(
    machine: Machine,
    authorized: readonly string[],
    options: {
      args?: readonly string[];
      env?: Record<string, string>;
      config?: string;
      program?: string;
      place?: AgentPlace;
    } = {},
  ): Promise<TestAgent> {
    const keys = join(machine.home, 'authorized_keys');
    writeFileSync(keys, `${authorized.join('\n')}\n`, { mode: 0o600 });
    const config = join(machine.home, 'agent.toml');
    writeFileSync(config, options.config ?? '');
    Object.assign(machine.env, options.env);
    const args = [
      '--state-dir',
      agentState(machine),
      '--config',
      config,
      '--authorized-keys',
      keys,
      ...(options.args ?? []),
    ];
    const agent = new TestAgent(machine, args);
    agent.#program = options.program ?? HOLDFAST_AGENT;
    agent.#place = options.place ?? agent.#place;
    await agent.restart();
    return agent;
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error('The agent does not run');
    return pid;
  }

  /** The agent's public host key, as it stands in known_hosts (`ssh-ed25519 AAAA...`). */
  get hostKey(): string {
    const file = join(agentState(this.#machine), 'host_key');
    return execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' }).split(' ').slice(0, 2).join(' ').trim();
  }

  /** Starts the gateway (again, on the port it had) and waits for its line. */
  async restart(): Promise<void> {
    const { address, through } = this.#place;
    const serve = ['serve', '--listen', `${address}:${this.port}`, ...this.#arguments];
    const [file = '', ...args] = [...through, this.#program, ...serve];
    const child = spawn(file, args, {
      env: this.#machine.env,
      cwd: this.#machine.home,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    child.stderr.on('data', (text: Buffer) => (this.log += text.toString()));
    const lines = createInterface({ input: child.stdout });
    const line = await Promise.race([
      once(lines, 'line').then(([text]) => String(text)),
      once(child, 'exit').then(([code]) => Promise.reject(new Error(`The agent ended with ${code}: ${this.log}`))),
    ]);
    const match = /:(\d+)\s.*(SHA256:\S+)/.exec(line);
    if (match === null) throw new Error(`The agent said: ${line}`);
    this.port = Number(match[1]);
    this.fingerprint = String(match[2]);
  }

  /**
   * Starts the session host, which the first session would else, in an environment of its own.
   * @param through a command that starts another in its place
   * @returns its pid; who disposes of the machine ends it
   */
  async startHost(env: Record<string, string>, through: readonly string[] = []): Promise<number> {
    const { home } = this.#machine;
    const folders = {
      HOLDFAST_STATE_DIR: agentState(this.#machine),
      HOLDFAST_RUNTIME_DIR: join(agentState(this.#machine), 'run'),
    };
    const command = [this.#program, 'host', '--foreground', '--config', join(home, 'agent.toml')];
    const [file = '', ...args] = [...through, ...command];
    const child = spawn(file, args, {
      env: { ...this.#machine.env, ...folders, ...env },
      cwd: home,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(createInterface({ input: child.stdout }), 'line');
    return child.pid ?? 0;
  }

  /** Ends the gateway as an upgrade does and starts another build of it; the sessions stay on the hosts they have. */
  async upgrade(program = HOLDFAST_AGENT): Promise<void> {
    await this.kill('SIGTERM');
    this.#program = program;
    await this.restart();
  }

  /** Ends the gateway and waits until it is gone; the sessions stay. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}
