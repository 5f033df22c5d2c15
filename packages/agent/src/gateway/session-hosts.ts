import { spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { RemotingError } from '@holdfast/protocol';
import { hasConfiguration, listGenerations } from '../host/host-directory.ts';
import { socketPath } from '../host/socket-path.ts';

const MAX_REMEMBERED = 10_000;

export type SessionHostsOptions = {
  runtimeDir: string;
  /** Build and configuration of the hosts that are started here, see hostKind(). */
  kind: string;
  /** Program and arguments that start a session host when none answers, and print its socket as a line of JSON. */
  hostCommand: readonly string[];
  /** Set for that program on top of the environment of this process. */
  hostEnvironment: Readonly<Record<string, string>>;
  hostStartMs: number;
};

/** The session hosts of this agent's user, known by their sockets in the runtime folder; a name is a generation. */
export class SessionHosts {
  readonly #options: SessionHostsOptions;
  /** Hosts that were started by the gateway, whatever build they are of. */
  readonly #started = new Set<string>();
  /** Which generation has which session, as far as answers told. */
  readonly #sessions = new Map<string, string>();
  /** Since when a generation does not answer, performance.now() milliseconds. */
  readonly #silentSince = new Map<string, number>();
  #starting: Promise<string> | undefined;

  constructor(options: SessionHostsOptions) {
    this.#options = options;
  }

  /** Sockets of all generations, newest first; a host that was killed leaves its own behind. */
  names(): string[] {
    return listGenerations(this.#options.runtimeDir).map((generation) => `${generation}.sock`);
  }

  /** Those that new sessions may go to, newest first: of this configuration, and of this build or newer than it. */
  current(): string[] {
    const { runtimeDir, kind } = this.#options;
    const names = listGenerations(runtimeDir)
      .filter((generation) => hasConfiguration(generation, kind) || this.#started.has(`${generation}.sock`))
      .map((generation) => `${generation}.sock`);
    const oldest = names.findLastIndex((name) => name.endsWith(`-${kind}.sock`) || this.#started.has(name));
    return names.slice(0, oldest + 1);
  }

  /**
   * Makes sure that a host of this build answers; concurrent callers share one start.
   * @returns the name of its socket
   * @throws RemotingError HostUnavailable
   */
  start(): Promise<string> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /**
   * Connects to a generation's socket.
   * @throws RemotingError HostUnavailable when nobody listens there
   */
  async connect(name: string, signal: AbortSignal): Promise<Socket> {
    using place = socketPath(this.#options.runtimeDir, name);
    const socket = connect(place.path);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const onAbort = (): void => reject(new Error('It did not answer in time'));
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', resolve).once('error', reject);
    try {
      await promise;
      return socket;
    } catch (cause) {
      socket.destroy();
      throw new RemotingError('HostUnavailable', `No session host answers at ${name}`, { target: name, cause });
    } finally {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', reject);
    }
  }

  /** Remembers which generation has a session. */
  remember(instanceId: string, name: string): void {
    this.#sessions.delete(instanceId);
    this.#sessions.set(instanceId, name);
    const oldest = this.#sessions.size > MAX_REMEMBERED ? this.#sessions.keys().next().value : undefined;
    if (oldest !== undefined) this.#sessions.delete(oldest);
  }

  /** The generation that has a session, if an answer told so before. */
  locate(instanceId: string): string | undefined {
    return this.#sessions.get(instanceId);
  }

  /** Notes that a generation answered, or did not. @returns for how many milliseconds it has not */
  noteAnswer(name: string, hasAnswered: boolean): number {
    if (hasAnswered) {
      this.#silentSince.delete(name);
      return 0;
    }
    const since = this.#silentSince.get(name) ?? performance.now();
    this.#silentSince.set(name, since);
    return performance.now() - since;
  }

  async #start(): Promise<string> {
    const { hostCommand, hostEnvironment, hostStartMs } = this.#options;
    const line = await firstLine(hostCommand, { ...process.env, ...hostEnvironment }, hostStartMs);
    const name = path.basename(readSocket(line));
    this.#started.add(name);
    return name;
  }
}

/** Runs a program for its first line of output; the session host that it starts goes on without it. */
function firstLine(command: readonly string[], env: NodeJS.ProcessEnv, timeLimitMs: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const [file = process.execPath, ...args] = command;
  const child = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeLimitMs });
  let output = '';
  let complaint = '';
  const fail = (cause: Error): void => {
    reject(new RemotingError('HostUnavailable', `The session host does not start: ${cause.message}`, { cause }));
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const end = output.indexOf('\n');
    if (end >= 0) resolve(output.slice(0, end));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4096);
  });
  child.on('error', fail);
  child.on('exit', (code, signal) => {
    // What it wrote last may still be on its way.
    setImmediate(() => fail(new Error(complaint.trim().split('\n').at(-1) || `it ended with ${code ?? signal}`)));
  });
  return promise.finally(() => {
    child.stdout.destroy();
    child.stderr.destroy();
  });
}

function readSocket(output: string): string {
  try {
    const value: unknown = JSON.parse(output);
    if (typeof value === 'object' && value !== null && 'socket' in value && typeof value.socket === 'string') {
      return value.socket;
    }
  } catch (cause) {
    throw new RemotingError('HostUnavailable', `The session host said ${JSON.stringify(output)} at its start`, {
      cause,
    });
  }
  throw new RemotingError('HostUnavailable', 'The session host named no socket at its start');
}
