import { readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { RemotingError, hostHelloOnStream, type HostVisitor } from '@holdfast/protocol';
import type { Identity } from '../auth/identity.ts';
import { HostMemory } from '../gateway/host-memory.ts';
import { HostOwners } from '../gateway/host-owners.ts';
import type { ConnectedHost, ReachableHosts } from '../gateway/reachable-hosts.ts';
import { SessionHosts } from '../gateway/session-hosts.ts';
import { readGrantedUsers } from '../host/granted-users.ts';
import { whenConnected } from '../host/when-connected.ts';
import { actingAs } from './acting-as.ts';
import { ensureUserFolder } from './folders.ts';

export type UserHostsOptions = {
  /** Holds a folder for each user, named by the uid. */
  runtimeDir: string;
  kind: string;
  /**
   * Makes sure that a session host of this build answers a user, whose own folder is `folder`.
   * @returns the path of its socket
   * @throws RemotingError HostUnavailable
   */
  startHost: (identity: Identity, folder: string) => Promise<string>;
  /** Time to look up the name of an account. */
  lookupMs: number;
};

/** The session hosts of all users of this machine, as root sees them. Names are `UID/GENERATION.sock`. */
export class UserHosts {
  readonly #options: UserHostsOptions;
  readonly #byUser = new Map<number, SessionHosts>();
  readonly #owners: HostOwners;

  constructor(options: UserHostsOptions) {
    this.#options = options;
    this.#owners = new HostOwners(options.lookupMs);
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
    return users.flatMap((uid) => {
      try {
        return this.names(Number(uid));
      } catch {
        // A user may have mounted what root cannot read over their folder: nobody else has to suffer for it.
        return [];
      }
    });
  }

  /** Those of other users in which somebody lets `user` in. */
  grantedTo(user: string): string[] {
    return this.allNames().filter((name) => {
      const file = path.join(this.#options.runtimeDir, name);
      const folder = path.dirname(file);
      const { uid, gid } = statSync(folder);
      return actingAs({ uid, gid }, () => readGrantedUsers(folder, path.basename(file, '.sock'))).includes(user);
    });
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
  async connect(name: string, visitor: HostVisitor, signal: AbortSignal): Promise<ConnectedHost> {
    const file = path.join(this.#options.runtimeDir, name);
    const { uid, gid } = statSync(path.dirname(file));
    const owner = await this.#owners.nameOf(uid);
    // The folder is its user's, who may have put a link there: to nothing that this user cannot reach alone.
    const socket = actingAs({ uid, gid }, () => connect(file).pause());
    await whenConnected(socket, name, signal);
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.write(hostHelloOnStream(visitor), () => resolve());
    await promise;
    return { socket, owner };
  }

  /** All of them, for root's own questions. */
  forRoot(): ReachableHosts {
    return {
      memory: new HostMemory(),
      hasGuests: false,
      names: () => this.allNames(),
      current: () => [],
      start: () => Promise.reject(rootStartsNone()),
      connect: (name, visitor, signal) => this.connect(name, visitor, signal),
      ownerOf: this.#owners.ownerOf,
    };
  }

  #of(uid: number, identity?: Identity): SessionHosts {
    const known = this.#byUser.get(uid);
    if (known !== undefined && identity === undefined) return known;
    const { runtimeDir, kind, startHost } = this.#options;
    const folder = path.join(runtimeDir, String(uid));
    const hosts =
      known ??
      new SessionHosts({
        runtimeDir: folder,
        kind,
        startHost: () => (identity === undefined ? Promise.reject(rootStartsNone()) : startHost(identity, folder)),
      });
    if (identity !== undefined) this.#byUser.set(uid, hosts);
    return hosts;
  }
}

function rootStartsNone(): RemotingError {
  return new RemotingError('HostUnavailable', 'Root starts no session here');
}

/** @throws RemotingError HostUnavailable for a name that is not among those that may be reached */
export function assertKnown(name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  throw new RemotingError('HostUnavailable', `No session host answers at ${name}`, { target: name });
}
