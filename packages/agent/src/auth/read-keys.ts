import { RemotingError } from '@holdfast/protocol';
import { ROOT_PATH, asUser } from './as-user.ts';
import type { Identity } from './identity.ts';
import { runWithin } from './run-within.ts';
import { readStrictly } from './strict-file.ts';

const MAX_BYTES = 9 * 1024 * 1024;

/**
 * Reads a user's file of keys in a process that has that user's rights: root is not to follow the links of users.
 * A home folder that does not answer keeps its own user waiting, and nobody else.
 * @param how.self the command line that runs this program
 * @param how.limitMs after which it is given up
 * @throws RemotingError KeyFileUnusable with what is wrong
 */
export async function readKeysAs(
  { self, limitMs }: { self: readonly string[]; limitMs: number },
  owner: Identity,
  file: string,
): Promise<string> {
  const command = asUser(owner, [...self, 'read-keys', file, String(owner.uid), owner.home]);
  const env = { PATH: ROOT_PATH, HOME: '/' };
  try {
    return await runWithin(limitMs, command, { cwd: '/', env, maxBuffer: MAX_BYTES });
  } catch (cause) {
    if (cause instanceof RemotingError)
      throw new RemotingError('KeyFileUnusable', `${file} could not be read within ${limitMs} ms`, { cause });
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    const reason = said === '' ? `${file} could not be read: ${String(cause)}` : (said.split('\n').at(-1) ?? '');
    throw new RemotingError('KeyFileUnusable', reason.replace(/^holdfast-agent: /, ''), { cause });
  }
}

/**
 * `holdfast-agent read-keys FILE UID HOME`, of readKeysAs(): prints the file if nobody but that user can have written it.
 * @throws RemotingError KeyFileUnusable
 */
export async function printKeys([file = '', uid = '', home = '']: string[]): Promise<void> {
  process.stdout.write(await readStrictly(file, { uid: Number(uid), home }));
}
