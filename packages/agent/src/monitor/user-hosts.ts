import { readdirSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { RemotingError, hostHelloOnStream, type HostVisitor } from '@holdfast/protocol';
import { ROOT_PATH, asUser } from '../auth/as-user.ts';
import type { Identity } from '../auth/identity.ts';
import { HostMemory } from '../gateway/host-memory.ts';
import type { ReachableHosts } from '../gateway/reachable-hosts.ts';
import { SessionHosts } from '../gateway/session-hosts.ts';
import { whenConnected } from '../host/when-connected.ts';
import { actingAs } from './acting-as.ts';
import { ensureUserFolder } from './folders.ts';

export type UserHostsOptions = {
  /** Holds a folder for each user, named by the uid. */
  runtimeDir: string;
  kind: string;
  /** What makes sure that a session host runs; each user runs it with their own rights. */
  hostCommand: readonly string[];
  hostStartMs: number;
};

/** Of this process's environment, what a login has too, and what tests shorten times with. */
const PASSED_ON = ['LANG', 'TZ', 'HOLDFAST_HOST_SETTINGS'];

/** The session hosts of all users of this machine, as root sees them. Names are `UID/GENERATION.sock`. */
export class UserHosts {
  readonly #options: UserHostsOptions;
  readonly #byUser = new Map<number, SessionHosts>();

  constructor(options: UserHostsOptions) {
    this.#options = options;
  }

  /** All generations of one user, newest first. */
  names(uid: number): string[] {
    return this.#of(uid)
      .names()
      .map((name) => `${uid}/${name}`);
  }

  /** The same of every user. */
  allNames(): string[] {
    const users = readdirSync(this.#options.runtimeDir).filter((name) => /^\d+$/.test(name));
    return users.flatMap((uid) => this.names(Number(uid)));
  }

  /** Those that new sessions of a user may go to, newest first. */
  current(uid: number): string[] {
    return this.#of(uid)
      .current()
      .map((name) => `${uid}/${name}`);
  }

  /**
   * Makes sure that a host of this build answers a user.
   * @returns its name
   * @throws RemotingError HostUnavailable
   */
  async start(identity: Identity): Promise<string> {
    ensureUserFolder(this.#options.runtimeDir, identity);
    return `${identity.uid}/${await this.#of(identity.uid, identity).start()}`;
  }

  /**
   * Connects to a host and greets it for `visitor`. Nothing is read from the socket.
   * @param name one of names() or allNames()
   * @throws RemotingError HostUnavailable
   */
  async connect(name: string, visitor: HostVisitor, signal: AbortSignal): Promise<Socket> {
    const file = path.join(this.#options.runtimeDir, name);
    const { uid, gid } = statSync(path.dirname(file));
    // The folder is its user's, who may have put a link there: to nothing that this user cannot reach alone.
    const socket = actingAs({ uid, gid }, () => connect(file).pause());
    await whenConnected(socket, name, signal);
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.write(hostHelloOnStream(visitor), () => resolve());
    await promise;
    return socket;
  }

  /** All of them, for root's own questions. */
  forRoot(): ReachableHosts {
    return {
      memory: new HostMemory(),
      names: () => this.allNames(),
      current: () => [],
      start: () => Promise.reject(new RemotingError('HostUnavailable', 'Root starts no session here')),
      connect: (name, visitor, signal) => this.connect(name, visitor, signal),
    };
  }

  #of(uid: number, identity?: Identity): SessionHosts {
    const known = this.#byUser.get(uid);
    if (known !== undefined && identity === undefined) return known;
    const { runtimeDir, kind, hostCommand, hostStartMs } = this.#options;
    const folder = path.join(runtimeDir, String(uid));
    const hosts =
      known ??
      new SessionHosts({
        runtimeDir: folder,
        kind,
        hostCommand: identity === undefined ? [] : asUser(identity, hostCommand),
        hostEnvironment: identity === undefined ? {} : loginEnvironment(identity, folder),
        hostStartMs,
      });
    if (identity !== undefined) this.#byUser.set(uid, hosts);
    return hosts;
  }
}

/** What a session host begins with: what login(1) sets, and where its sockets and files lie. */
function loginEnvironment({ user, home, shell }: Identity, runtimeDir: string): NodeJS.ProcessEnv {
  const passedOn = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(passedOn),
    HOME: home,
    USER: user,
    LOGNAME: user,
    SHELL: shell,
    PATH: ROOT_PATH,
    HOLDFAST_RUNTIME_DIR: runtimeDir,
    HOLDFAST_STATE_DIR: path.join(home, '.local', 'state', 'holdfast-agent'),
  };
}

/** @throws RemotingError HostUnavailable for a name that is not among those that may be reached */
export function assertKnown(name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  throw new RemotingError('HostUnavailable', `No session host answers at ${name}`, { target: name });
}
