import { constants, fstatSync, openSync, closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Names of users are shorter, and nobody grants to thousands. */
const MAX_BYTES = 64 * 1024;

/**
 * The names that a host wrote down. The folder is its user's, who may have put anything there: what is no plain file of a
 * sensible size names nobody.
 */
export function readGrantedUsers(folder: string, generation: string): string[] {
  let descriptor;
  try {
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY;
    descriptor = openSync(grantedFile(folder, generation), flags);
    const status = fstatSync(descriptor);
    if (!status.isFile() || status.size > MAX_BYTES) return [];
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
