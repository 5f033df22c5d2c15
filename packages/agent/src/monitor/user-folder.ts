import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import path from 'node:path';
import { RemotingError } from '@holdfast/protocol';
import { listGenerations } from '../host/host-directory.ts';

/** Opens a place and not what is there: nothing is asked of the file system below (open(2); Node has no name for it). */
const O_PATH = 0o10000000;

/** A file that was opened in a UserFolder. */
export type PlacedFile = { path: string; status: Stats } & Disposable;

/**
 * The folder of a user's session hosts, which is the user's own, opened so that no call of root's can wait for that user: a
 * user may mount a file system of theirs (FUSE) over it, or over what is in it, and a program of theirs answers for that
 * when it likes. What is mounted there is not looked at, whenever it was mounted: everything goes by descriptors, which
 * are known to be of the mount that the folder above is in. Links are not followed.
 */
export class UserFolder implements Disposable {
  readonly status: Stats;
  readonly #descriptor: number;
  readonly #mount: string;

  /**
   * @param base is root's, and no user can change what is in it
   * @throws RemotingError InvalidSetting when something is mounted over it, Error of node:fs when it is not there
   */
  constructor(base: string, uid: number) {
    const above = openPlace(base);
    try {
      this.#mount = mountOf(above);
    } finally {
      closeSync(above);
    }
    const folder = path.join(base, String(uid));
    this.#descriptor = openPlace(folder);
    try {
      if (mountOf(this.#descriptor) !== this.#mount) throw unusableFolder(folder, 'something is mounted over it');
      this.status = fstatSync(this.#descriptor);
      if (!this.status.isDirectory()) throw unusableFolder(folder, 'it is not a folder itself');
    } catch (error) {
      closeSync(this.#descriptor);
      throw error;
    }
  }

  /** As listGenerations(). */
  generations(): string[] {
    return listGenerations(this.#path);
  }

  /**
   * @returns undefined when something is mounted over it
   * @throws Error of node:fs when it is not there
   */
  file(name: string): PlacedFile | undefined {
    const descriptor = openPlace(path.join(this.#path, name));
    const file = { path: placeOf(descriptor), [Symbol.dispose]: () => closeSync(descriptor) };
    try {
      if (mountOf(descriptor) === this.#mount) return { ...file, status: fstatSync(descriptor) };
    } catch (error) {
      file[Symbol.dispose]();
      throw error;
    }
    file[Symbol.dispose]();
    return undefined;
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor);
  }

  get #path(): string {
    return placeOf(this.#descriptor);
  }
}

function openPlace(place: string): number {
  return openSync(place, O_PATH | constants.O_NOFOLLOW);
}

/** Leads to what was opened, also when something was mounted over it since. */
function placeOf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}

function mountOf(descriptor: number): string {
  const [, mount] = /^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'latin1')) ?? [];
  if (mount === undefined) throw new Error('/proc/self/fdinfo does not say what mount a file is in');
  return mount;
}

/** Says what is wrong with a folder. */
export function unusableFolder(folder: string, reason: string): RemotingError {
  return new RemotingError('InvalidSetting', `The folder ${folder} cannot be used: ${reason}`, { target: folder });
}
