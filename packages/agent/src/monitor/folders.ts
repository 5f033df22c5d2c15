import { chmodSync, chownSync, lchownSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { RemotingError } from '@holdfast/protocol';

type Owner = { uid: number; gid: number };

/**
 * Makes sure that `folder` is root's, that nobody else can change what is in it, and that all can pass through it.
 * @throws RemotingError InvalidSetting with the path and what is wrong with it
 */
export function ensureOpenFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const stat = statSync(folder);
  if (!stat.isDirectory()) throw unusable(folder, 'it is no folder');
  if (stat.uid !== 0) throw unusable(folder, 'it belongs to another user than root');
  if ((stat.mode & 0o022) !== 0) throw unusable(folder, "others may write it: run 'chmod go-w' on it");
  if ((stat.mode & 0o011) !== 0o011) chmodSync(folder, stat.mode | 0o011);
}

/**
 * Makes sure that a user has a folder of their own in `base`, which is root's: closed to all others.
 * @throws RemotingError InvalidSetting
 */
export function ensureUserFolder(base: string, { uid, gid }: Owner): void {
  ensureOwnedFolder(path.join(base, String(uid)), { uid, gid });
}

/** The folder of a gateway's own files; when it runs as another user than before, they are that one's now. */
export function ensureGatewayFolder(folder: string, { uid, gid }: Owner): void {
  const former = lstatSync(folder, { throwIfNoEntry: false });
  if (former?.isDirectory() === true && former.uid !== uid) {
    for (const name of readdirSync(folder)) {
      const file = path.join(folder, name);
      const stat = lstatSync(file);
      // A file of somebody else's that a gateway could have linked here stays as it is.
      if (stat.isFile() && stat.nlink === 1 && stat.uid === former.uid) lchownSync(file, uid, gid);
    }
    chownSync(folder, uid, gid);
  }
  ensureOwnedFolder(folder, { uid, gid });
}

function ensureOwnedFolder(folder: string, { uid, gid }: Owner): void {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) {
    mkdirSync(folder, { mode: 0o700 });
    chownSync(folder, uid, gid);
  }
  const stat = lstatSync(folder);
  if (!stat.isDirectory()) throw unusable(folder, 'it is not a folder itself');
  if (stat.uid !== uid) throw unusable(folder, `it belongs to uid ${stat.uid}, not to ${uid}`);
  if ((stat.mode & 0o077) !== 0) throw unusable(folder, "others may enter it: run 'chmod 700' on it");
}

function unusable(folder: string, reason: string): RemotingError {
  return new RemotingError('InvalidSetting', `The folder ${folder} cannot be used: ${reason}`, { target: folder });
}
