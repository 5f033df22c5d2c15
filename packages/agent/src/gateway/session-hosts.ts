import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { hostHelloOnStream, type HostVisitor } from '@holdfast/protocol';
import { hasConfiguration, listGenerations } from '../host/host-directory.ts';
import { socketPath } from '../host/socket-path.ts';
import { startedHost } from '../host/started-host.ts';
import { whenConnected } from '../host/when-connected.ts';
import { HostMemory } from './host-memory.ts';
import type { ReachableHosts } from './reachable-hosts.ts';

export type SessionHostsOptions = {
  runtimeDir: string;
  /** Build and configuration of the hosts that are started here, see hostKind(). */
  kind: string;
  /** Program and arguments that start a session host when none answers, and print its socket as a line of JSON. */
  hostCommand: readonly string[];
  /** All that program has in its environment. */
  hostEnvironment: Readonly<NodeJS.ProcessEnv>;
  hostStartMs: number;
};

/** The session hosts of this agent's user, known by their sockets in the runtime folder; a name is a generation. */
export class SessionHosts implements ReachableHosts {
  readonly memory = new HostMemory();
  readonly #options: SessionHostsOptions;
  /** Hosts that were started by the gateway, whatever build they are of. */
  readonly #started = new Set<string>();
  #starting: Promise<string> | undefined;

  constructor(options: SessionHostsOptions) {
    this.#options = options;
  }

  names(): string[] {
    return listGenerations(this.#options.runtimeDir).map((generation) => `${generation}.sock`);
  }

  /** Of this configuration, and of this build or newer than it. */
  current(): string[] {
    const { runtimeDir, kind } = this.#options;
    const names = listGenerations(runtimeDir)
      .filter((generation) => hasConfiguration(generation, kind) || this.#started.has(`${generation}.sock`))
      .map((generation) => `${generation}.sock`);
    const oldest = names.findLastIndex((name) => name.endsWith(`-${kind}.sock`) || this.#started.has(name));
    return names.slice(0, oldest + 1);
  }

  /** Concurrent callers share one start. */
  start(): Promise<string> {
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  async connect(name: string, visitor: HostVisitor, signal: AbortSignal): Promise<Socket> {
    using place = socketPath(this.#options.runtimeDir, name);
    const socket = connect(place.path);
    await whenConnected(socket, name, signal);
    socket.write(hostHelloOnStream(visitor));
    return socket;
  }

  async #start(): Promise<string> {
    const { hostCommand, hostEnvironment, hostStartMs } = this.#options;
    const options = { env: hostEnvironment, timeLimitMs: hostStartMs, cwd: '/' };
    const name = path.basename(await startedHost(hostCommand, options));
    this.#started.add(name);
    return name;
  }
}
