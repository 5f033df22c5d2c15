import { userInfo } from 'node:os';
import { type HostAddress, type HostsFile, resolveHost } from './hosts.ts';

/**
 * The computers of a client by what it calls them: names that say all (see resolveHost()), and names of this client's own,
 * `NAME#1`, for what was reached in another way than its name says: through another port, with another key.
 */
export class Destinations {
  readonly hosts: HostsFile;
  readonly #own = new Map<string, HostAddress>();

  constructor(hosts: HostsFile) {
    this.hosts = hosts;
  }

  /** @throws RemotingError InvalidComputerName */
  address(name: string): HostAddress {
    return this.#own.get(name) ?? resolveHost(name, this.hosts);
  }

  /** A name as it was typed first: without what this client has added to it. */
  typedName(name: string): string {
    return this.#own.get(name)?.computerName ?? name;
  }

  /** What address() takes for an address: the computer's name, with `user@` before it for another user than the usual one. */
  nameOf(address: HostAddress): string {
    const { computerName } = address;
    const account = accountOf(address);
    const known = [computerName, `${userOf(address)}@${computerName}`, ...this.#own.keys()];
    const found = known.find((name) => accountOf(this.address(name)) === account);
    if (found !== undefined) return found;
    const name = `${computerName}#${this.#own.size + 1}`;
    this.#own.set(name, address);
    return name;
  }
}

/** The user that one is there. */
function userOf(address: HostAddress): string {
  return (address.kind === 'agent' ? address.user : undefined) ?? userInfo().username;
}

/** Stands for a user on a computer and the way there: what has the same one can share a connection. */
export function accountOf(address: HostAddress): string {
  const computer = address.computerName.toLowerCase();
  if (address.kind === 'local') return computer;
  const { host, port, path, identity = '' } = address;
  return JSON.stringify([userOf(address), computer, host, port, path, identity]);
}
