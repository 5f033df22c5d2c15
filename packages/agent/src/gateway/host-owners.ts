import { RemotingError } from '@holdfast/protocol';
import { findUserName } from '../auth/identity.ts';

/** The names of accounts by their numbers, and so whose the session hosts are that are named `UID/GENERATION.sock`. */
export class HostOwners {
  readonly #names = new Map<number, Promise<string>>();
  readonly #lookupMs: number;

  constructor(lookupMs: number) {
    this.#lookupMs = lookupMs;
  }

  /** The user whose session host is called so. @throws as nameOf() */
  readonly ownerOf = (host: string): Promise<string> => this.nameOf(Number(host.split('/', 1)[0]));

  /** @throws RemotingError HostUnavailable for an account that has gone; as runWithin() */
  nameOf(uid: number): Promise<string> {
    const known = this.#names.get(uid);
    if (known !== undefined) return known;
    const name = lookUp(uid, this.#lookupMs);
    this.#names.set(uid, name);
    name.catch(() => this.#names.delete(uid));
    return name;
  }
}

async function lookUp(uid: number, lookupMs: number): Promise<string> {
  const name = await findUserName(uid, lookupMs);
  if (name === undefined) throw new RemotingError('HostUnavailable', `Nobody has the uid ${uid} any more`);
  return name;
}
