import { constants, fstatSync, openSync, closeSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names of users are shorter, and nobody grants to thousands. */
const MAX_BYTES = 64 * 1024;

/**
 * Who beside its own user a session host lets in, for the monitor, which connects nobody else to it: a file of names beside
 * the host's socket, in its user's own folder. What each may do, the host itself knows.
 */
export class GrantedUsers {
  readonly #file: string;
  #names: readonly string[] = [];

  constructor(folder: string, generation: string) {
    this.#file = grantedFile(folder, generation);
  }

  /**
   * Writes the names down, if they are others than before. One too many lets nobody in, since the host asks itself again.
   * @throws Error of node:fs when a name cannot be added
   */
  publish(users: Iterable<string>): void {
    const names = [...new Set(users)].toSorted();
    if (names.join('\n') === this.#names.join('\n')) return;
    try {
      this.#write(names);
      this.#names = names;
    } catch (error) {
      if (!names.every((name) => this.#names.includes(name))) throw error;
    }
  }

  #write(names: readonly string[]): void {
    if (names.length === 0) return rmSync(this.#file, { force: true });
    // A reader sees the old names or the new ones.
    writeFileSync(`${this.#file}~`, names.join('\n'), { mode: 0o600 });
    renameSync(`${this.#file}~`, this.#file);
  }
}

/**
 * The names that a host wrote down.
 * @param file grantedFile(), or another way to it
 * @returns none for a file that is larger than sensible, or cannot be read
 */
export function readGrantedUsers(file: string): string[] {
  let descriptor;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    if (fstatSync(descriptor).size > MAX_BYTES) return [];
    return readFileSync(descriptor, 'utf8').split('\n');
  } catch {
    return [];
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Where a host writes its names. */
export function grantedFile(folder: string, generation: string): string {
  return join(folder, `${generation}.granted`);
}
