import { connect } from 'node:net';
import { userInfo } from 'node:os';
import path from 'node:path';
import { hostHelloOnStream, type HostVisitor } from '@holdfast/protocol';
import { hasConfiguration, listGenerations } from '../host/host-directory.ts';
import { socketPath } from '../host/socket-path.ts';
import { whenConnected } from '../host/when-connected.ts';
import { HostMemory } from './host-memory.ts';
import type { ConnectedHost, ReachableHosts } from './reachable-hosts.ts';

export type SessionHostsOptions = {
  runtimeDir: string;
  /** Build and configuration of the hosts that are started here, see hostKind(). */
  kind: string;
  /**
   * Makes sure that a session host of this build answers.
   * @returns the path of its socket
   * @throws RemotingError HostUnavailable
   */
  startHost: () => Promise<string>;
  /** The generations that have a socket, newest first; else as listGenerations() finds them in `runtimeDir`. */
  generations?: () => string[];
};

/** The session hosts of this agent's user, known by their sockets in the runtime folder; a name is a generation. */
export class SessionHosts implements ReachableHosts {
  readonly memory = new HostMemory();
  readonly hasGuests = false;
  readonly #options: SessionHostsOptions;
  readonly #user = userInfo().username;
  /** Hosts that were started by the gateway, whatever build they are of. */
  readonly #started = new Set<string>();
  #starting: Promise<string> | undefined;

  constructor(options: SessionHostsOptions) {
    this.#options = options;
  }

  names(): string[] {
    return this.#generations().map((generation) => `${generation}.sock`);
  }

  ownerOf(): Promise<string> {
    return Promise.resolve(this.#user);
  }

  /** Of this configuration, and of this build or newer than it. */
  current(): string[] {
    const { kind } = this.#options;
    const names = this.#generations()
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

  async connect(name: string, visitor: HostVisitor, signal: AbortSignal): Promise<ConnectedHost> {
    using place = socketPath(this.#options.runtimeDir, name);
    const socket = connect(place.path);
    await whenConnected(socket, name, signal);
    socket.write(hostHelloOnStream(visitor));
    return { socket, owner: this.#user };
  }

  #generations(): string[] {
    const { generations, runtimeDir } = this.#options;
    return generations === undefined ? listGenerations(runtimeDir) : generations();
  }

  async #start(): Promise<string> {
    const name = path.basename(await this.#options.startHost());
    this.#started.add(name);
    return name;
  }
}
