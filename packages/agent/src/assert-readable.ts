import { accessSync, constants } from 'node:fs';
import { userInfo } from 'node:os';
import { RemotingError } from '@holdfast/protocol';

/**
 * Tells a file that this user may not read from one that is not there, which passes.
 * @throws RemotingError AccessDenied
 */
export function assertReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code !== 'EACCES' && code !== 'EPERM') return;
    const message = `${userInfo().username} may not read ${file}: ask as the user whose agent it is, or as root`;
    throw new RemotingError('AccessDenied', message, { target: file, cause });
  }
}
