import { randomUUID } from 'node:crypto';
import { link, mkdir, open, unlink, writeFile } from 'node:fs/promises';
import { constants, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { RemotingError } from '@holdfast/protocol';

/** A secret is a few lines; more is not one. */
const MAX_BYTES = 256 * 1024;

/**
 * Reads a file that nobody but its owner may read.
 * @returns undefined when it does not exist
 * @throws RemotingError KeyFileUnusable when others may read or change it, or it is no plain file of ours
 */
export async function readPrivateFile(file: string): Promise<Buffer | undefined> {
  let handle;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return undefined;
    throw new RemotingError('KeyFileUnusable', `${file} cannot be read: ${String(cause)}`, { cause });
  }
  try {
    const problem = problemOf(await handle.stat());
    if (problem !== undefined) throw new RemotingError('KeyFileUnusable', `${file} is not used: ${problem}`);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/**
 * Reads a private file, or makes it (0600, its folder 0700) with what `make` returns. Two processes that do so at once
 * end with the same contents.
 * @throws RemotingError KeyFileUnusable
 */
export async function readOrCreatePrivateFile(file: string, make: () => string | Buffer): Promise<Buffer> {
  const present = await readPrivateFile(file);
  if (present !== undefined) return present;
  const fresh = `${file}.${randomUUID()}`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(fresh, make(), { mode: 0o600, flag: 'wx' });
    await link(fresh, file).catch(unlessCode('EEXIST'));
    await unlink(fresh);
  } catch (cause) {
    throw new RemotingError('KeyFileUnusable', `${file} cannot be made: ${String(cause)}`, { cause });
  }
  const made = await readPrivateFile(file);
  if (made === undefined) throw new RemotingError('KeyFileUnusable', `${file} disappeared while it was made`);
  return made;
}

/** True for an error of node:fs with this code. */
function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function unlessCode(code: string): (error: unknown) => void {
  return (error) => {
    if (!isCode(error, code)) throw error;
  };
}

function problemOf(stat: Stats): string | undefined {
  const uid = process.getuid?.();
  if (!stat.isFile()) return 'it is no plain file';
  if (stat.size > MAX_BYTES) return `it has ${stat.size} bytes`;
  if (stat.uid !== uid && stat.uid !== 0) return `it belongs to uid ${stat.uid}, not to ${uid ?? 'us'}`;
  if ((stat.mode & 0o077) !== 0)
    return `others may read or write it (mode ${(stat.mode & 0o777).toString(8)}): chmod 600`;
  return undefined;
}
