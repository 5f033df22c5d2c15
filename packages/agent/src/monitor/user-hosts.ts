import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { RemotingError, hostHelloOnStream, type HostVisitor } from '@holdfast/protocol';
import type { Identity } from '../auth/identity.ts';
import { HostMemory } from '../gateway/host-memory.ts';
import { HostOwners } from '../gateway/host-owners.ts';
import type { ConnectedHost, ReachableHosts } from '../gateway/reachable-hosts.ts';
import { SessionHosts } from '../gateway/session-hosts.ts';
import { grantedFile, readGrantedUsers } from '../host/granted-users.ts';
import { whenConnected } from '../host/when-connected.ts';
import { actingAs } from './acting-as.ts';
import { ensureUserFolder } from './folders.ts';
import { UserFolder } from './user-folder.ts';

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
        // A user may have mounted something over their folder: nobody else has to suffer for it.
        return [];
      }
    });
  }

  /** Those of other users in which somebody lets `user` in. */
  grantedTo(user: string): string[] {
    return this.allNames().filter((name) => this.#grantedIn(name).includes(user));
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
    const owner = await this.#owners.nameOf(uidOf(name));
    const socket = this.#connectedTo(name);
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

  /** The names that a host of some user has written down; none where that user has put something else there. */
  #grantedIn(name: string): string[] {
    try {
      using folder = this.#folderOf(name);
      using file = folder.file(grantedFile('', path.basename(name, '.sock')));
      return file?.status.isFile() === true ? actingAs(folder.status, () => readGrantedUsers(file.path)) : [];
    } catch {
      return [];
    }
  }

  /** With the rights of its user, who may have put a socket of somebody else there. @throws RemotingError HostUnavailable */
  #connectedTo(name: string): Socket {
    try {
      using folder = this.#folderOf(name);
      using file = folder.file(path.basename(name));
      if (file?.status.isSocket() !== true) throw nobodyListens(name);
      // The path is looked up before this returns.
      return actingAs(folder.status, () => connect(file.path).pause());
    } catch (cause) {
      throw new RemotingError('HostUnavailable', `No session host answers at ${name}`, { target: name, cause });
    }
  }

  #folderOf(name: string): UserFolder {
    return new UserFolder(this.#options.runtimeDir, uidOf(name));
  }

  /** @throws RemotingError InvalidSetting when something is mounted over the user's folder */
  #generationsOf(uid: number): string[] {
    try {
      using folder = new UserFolder(this.#options.runtimeDir, uid);
      return folder.generations();
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
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
        generations: () => this.#generationsOf(uid),
        startHost: () => (identity === undefined ? Promise.reject(rootStartsNone()) : startHost(identity, folder)),
      });
    if (identity !== undefined) this.#byUser.set(uid, hosts);
    return hosts;
  }
}

function uidOf(name: string): number {
  return Number(path.dirname(name));
}

/** As the system says it of a file that is no socket. */
function nobodyListens(name: string): Error {
  return Object.assign(new Error(`There is no socket at ${name}`), { code: 'ECONNREFUSED' });
}

function rootStartsNone(): RemotingError {
  return new RemotingError('HostUnavailable', 'Root starts no session here');
}

/** @throws RemotingError HostUnavailable for a name that is not among those that may be reached */
export function assertKnown(name: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  throw new RemotingError('HostUnavailable', `No session host answers at ${name}`, { target: name });
}
