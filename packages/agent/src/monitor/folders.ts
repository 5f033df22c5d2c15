import { chmodSync, chownSync, lchownSync, lstatSync, mkdirSync, readdirSync, statSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { UserFolder, unusableFolder } from './user-folder.ts';

type Owner = { uid: number; gid: number };

/**
 * Makes sure that `folder` is root's, that nobody else can change what is in it, and that all can pass through it.
 * @throws RemotingError InvalidSetting with the path and what is wrong with it
 */
export function ensureOpenFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const stat = statSync(folder);
  if (!stat.isDirectory()) throw unusableFolder(folder, 'it is no folder');
  if (stat.uid !== 0) throw unusableFolder(folder, 'it belongs to another user than root');
  if ((stat.mode & 0o022) !== 0) throw unusableFolder(folder, "others may write it: run 'chmod go-w' on it");
  if ((stat.mode & 0o011) !== 0o011) chmodSync(folder, stat.mode | 0o011);
}

/**
 * Makes sure that a user has a folder of their own in `base`, which is root's: closed to all others.
 * @throws RemotingError InvalidSetting
 */
export function ensureUserFolder(base: string, { uid, gid }: Owner): void {
  const path = join(base, String(uid));
  try {
    makeOwnedFolder(path, { uid, gid });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  using folder = new UserFolder(base, uid);
  assertOwned(path, folder.status, uid);
}

/** The folder of a gateway's own files; when it runs as another user than before, they are that one's now. */
export function ensureGatewayFolder(folder: string, { uid, gid }: Owner): void {
  const former = lstatSync(folder, { throwIfNoEntry: false });
  if (former?.isDirectory() === true && former.uid !== uid) {
    for (const name of readdirSync(folder)) {
      const file = join(folder, name);
      const stat = lstatSync(file);
      // A file of somebody else's that a gateway could have linked here stays as it is.
      if (stat.isFile() && stat.nlink === 1 && stat.uid === former.uid) lchownSync(file, uid, gid);
    }
    chownSync(folder, uid, gid);
  }
  ensureOwnedFolder(folder, { uid, gid });
}

function ensureOwnedFolder(folder: string, { uid, gid }: Owner): void {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) makeOwnedFolder(folder, { uid, gid });
  const stat = lstatSync(folder);
  if (!stat.isDirectory()) throw unusableFolder(folder, 'it is not a folder itself');
  assertOwned(folder, stat, uid);
}

function makeOwnedFolder(folder: string, { uid, gid }: Owner): void {
  mkdirSync(folder, { mode: 0o700 });
  chownSync(folder, uid, gid);
}

function assertOwned(folder: string, stat: Stats, uid: number): void {
  if (stat.uid !== uid) throw unusableFolder(folder, `it belongs to uid ${stat.uid}, not to ${uid}`);
  if ((stat.mode & 0o077) !== 0) throw unusableFolder(folder, "others may enter it: run 'chmod 700' on it");
}
