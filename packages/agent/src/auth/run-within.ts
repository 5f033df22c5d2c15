import { execFile, type ExecFileOptions } from 'node:child_process';
import { promisify } from 'node:util';
import { RemotingError } from '@holdfast/protocol';

const run = promisify(execFile);

/**
 * What a program prints that may wait for others, for a directory service or a home folder on the network.
 * @param limitMs after which it is killed
 * @throws RemotingError OperationTimedOut; else as execFile(), with the exit status as `code`
 */
export async function runWithin(
  limitMs: number,
  [program = '', ...args]: readonly string[],
  options: Pick<ExecFileOptions, 'cwd' | 'env' | 'maxBuffer'> = {},
): Promise<string> {
  const signal = AbortSignal.timeout(limitMs);
  try {
    const { stdout } = await run(program, args, { ...options, signal, killSignal: 'SIGKILL' });
    return stdout;
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw new RemotingError('OperationTimedOut', `${program} gave no answer within ${limitMs} ms`, { cause });
  }
}
