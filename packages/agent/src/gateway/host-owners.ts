import { findUserName } from '../auth/identity.ts';

/** Whose the session hosts are that are named `UID/GENERATION.sock`. */
export class HostOwners {
  readonly #names = new Map<string, Promise<string>>();

  readonly ownerOf = (host: string): Promise<string> => {
    const [uid = ''] = host.split('/', 1);
    const known = this.#names.get(uid);
    if (known !== undefined) return known;
    const name = lookUp(uid);
    this.#names.set(uid, name);
    name.catch(() => this.#names.delete(uid));
    return name;
  };
}

async function lookUp(uid: string): Promise<string> {
  const name = await findUserName(Number(uid));
  if (name === undefined) throw new Error(`There is no account with the number ${uid}`);
  return name;
}
