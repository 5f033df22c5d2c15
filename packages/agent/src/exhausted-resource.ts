/** What the machine or this process has run out of, by the code of Node's error. */
const RESOURCES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full (make room there)',
  EDQUOT: "the user's disk quota is used up (make room there)",
  EMFILE: 'its process has too many files open (close some sessions, or raise its limit of open files)',
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
