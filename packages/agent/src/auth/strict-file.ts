import { constants, type Stats } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RemotingError } from '@holdfast/protocol';

/** An authorized_keys file of many thousand keys is smaller. */
const MAX_BYTES = 8 * 1024 * 1024;

const STICKY = 0o1000;

/**
 * Reads a file that decides who gets in, if nobody but `uid` and root can have written it: neither the file nor a folder
 * above it, up to `home` or the root (sshd_config(5), StrictModes).
 * @throws RemotingError KeyFileUnusable with what is wrong
 */
export async function readStrictly(file: string, owner: { uid: number; home: string }): Promise<string> {
  const unusable = (problem: string, cause?: unknown): RemotingError =>
    new RemotingError('KeyFileUnusable', `${file} is not used: ${problem}`, { cause });
  let handle;
  try {
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw unusable('code' in cause && cause.code === 'ENOENT' ? 'it does not exist' : cause.message, cause);
  }
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw unusable('it is no plain file');
    if (status.size > MAX_BYTES) throw unusable(`it has ${status.size} bytes`);
    const problem = looseness(file, status, owner.uid) ?? (await looseFolder(file, owner));
    if (problem !== undefined) throw unusable(problem);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

async function looseFolder(file: string, owner: { uid: number; home: string }): Promise<string | undefined> {
  const home = await realpath(owner.home).catch(() => undefined);
  let folder = await realpath(file);
  do {
    folder = dirname(folder);
    const problem = looseness(folder, await stat(folder), owner.uid);
    if (problem !== undefined) return problem;
  } while (folder !== home && folder !== '/');
  return undefined;
}

function looseness(path: string, status: Stats, uid: number): string | undefined {
  if (status.uid !== uid && status.uid !== 0) return `${path} belongs to uid ${status.uid}`;
  if ((status.mode & 0o022) === 0) return undefined;
  // In /tmp and its like nobody can replace what belongs to somebody else.
  if (status.isDirectory() && status.uid === 0 && (status.mode & STICKY) !== 0) return undefined;
  return `others may write ${path} (mode ${(status.mode & 0o7777).toString(8)}): chmod go-w`;
}
