import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { RemotingError } from '@holdfast/protocol';

/** Where execvp(3) looks without PATH. */
const DEFAULT_PATH = '/bin:/usr/bin';

/**
 * Absolute path of the program that execvp(3) would start in `cwd`. Throws RemotingError ProgramNotStarted when there
 * is none or the directory cannot be entered.
 */
export function findProgram(file: string, path: string | undefined, cwd: string): string {
  if (!isUsable(cwd, 'directory')) throw notStarted(file, `its directory '${cwd}' cannot be entered`);
  const candidates = file.includes('/')
    ? [isAbsolute(file) ? file : resolve(cwd, file)]
    : (path ?? DEFAULT_PATH).split(':').map((folder) => join(resolve(cwd, folder), file));
  const found = candidates.find((candidate) => isUsable(candidate, 'file'));
  if (found === undefined) throw notStarted(file, 'no such program');
  return found;
}

function isUsable(path: string, kind: 'file' | 'directory'): boolean {
  try {
    accessSync(path, constants.X_OK);
    const stat = statSync(path);
    return kind === 'file' ? stat.isFile() : stat.isDirectory();
  } catch {
    // Missing or forbidden: the caller says which path.
    return false;
  }
}

function notStarted(file: string, reason: string): RemotingError {
  return new RemotingError('ProgramNotStarted', `'${file}' cannot be started: ${reason}`, { target: file });
}
