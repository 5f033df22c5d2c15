import { RemotingError } from '@holdfast/protocol';

/** No more descriptors can be opened. */
export const OUT_OF_DESCRIPTORS =
  'too many files are open (close some sessions, or raise the limit of open files: ulimit -n)';

/** What the machine or this process has run out of, by the code of Node's error. */
const RESOURCES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full (make room there)',
  EDQUOT: "the user's disk quota is used up (make room there)",
  EMFILE: OUT_OF_DESCRIPTORS,
  ENFILE: 'the machine has too many files open (fs.file-max)',
  EAGAIN: 'no more processes can be made (end some, or raise the limit: ulimit -u)',
  ENOMEM: 'no memory is left',
};

/** Primary result codes of SQLite: NOMEM, FULL; and IOERR, CANTOPEN, which a full disk gives too. */
const SQLITE: Readonly<Record<number, string | undefined>> = { 7: RESOURCES['ENOMEM'], 13: RESOURCES['ENOSPC'] };
const SQLITE_DISK = [10, 14];

/**
 * What was lacking when `error` came about, and what to do about it, in words that end a sentence; undefined when it has
 * another reason. Knows errors of Node's system calls and of node:sqlite.
 */
export function exhaustedResource(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  if (error.code !== 'ERR_SQLITE_ERROR') return RESOURCES[error.code];
  const code = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : 0;
  return SQLITE_DISK.includes(code) ? `the disk does not take it (${error.message})` : SQLITE[code];
}

/**
 * An error that says in a person's words what was lacking for `what`, a sentence without its end; any other error as it is.
 */
export function explainedLack(what: string, error: unknown): unknown {
  const resource = exhaustedResource(error instanceof RemotingError ? error.cause : error);
  return resource === undefined ? error : new RemotingError('OutOfResources', `${what}: ${resource}`, { cause: error });
}
