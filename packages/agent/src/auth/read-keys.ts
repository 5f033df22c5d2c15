import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { RemotingError } from '@holdfast/protocol';
import { ROOT_PATH, asUser } from './as-user.ts';
import type { Identity } from './identity.ts';
import { readStrictly } from './strict-file.ts';

const run = promisify(execFile);
/** A home folder that does not answer keeps its own user waiting, and nobody else. */
const TIME_LIMIT_MS = 5000;
const MAX_BYTES = 9 * 1024 * 1024;

/**
 * Reads a user's file of keys in a process that has that user's rights: root is not to follow the links of users.
 * @param self the command line that runs this program
 * @throws RemotingError KeyFileUnusable with what is wrong
 */
export async function readKeysAs(self: readonly string[], owner: Identity, file: string): Promise<string> {
  const command = [...self, 'read-keys', file, String(owner.uid), owner.home];
  const [program = '', ...args] = asUser(owner, command);
  const env = { PATH: ROOT_PATH, HOME: '/' };
  try {
    const options = { cwd: '/', env, timeout: TIME_LIMIT_MS, killSignal: 'SIGKILL', maxBuffer: MAX_BYTES } as const;
    return (await run(program, args, options)).stdout;
  } catch (cause) {
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
