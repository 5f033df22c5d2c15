import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** Lines kept for Up and Ctrl-R. */
const MAX_ENTRIES = 10_000;
/** A file longer than this is set aside as `<file>.1` at the next start. */
const MAX_FILE_BYTES = 4 * 1024 * 1024;

/** True for an error of the file system with this code. */
function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function readLines(file: string): string[] {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
  return content.split('\n').flatMap(decodeLine);
}

/** One stored line is one JSON string; what is none (cut off by a full disk) is passed over. */
function decodeLine(line: string): string[] {
  if (line === '') return [];
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === 'string' ? [entry] : [];
  } catch {
    return [];
  }
}

/**
 * Sets a long file aside. Shells append by path, so one that writes meanwhile loses nothing; the lock keeps a second
 * shell that starts now from setting the fresh file aside as well.
 */
function rotate(file: string): void {
  const lock = `${file}.lock`;
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) <= MAX_FILE_BYTES) return;
  try {
    closeSync(openSync(lock, 'wx', 0o600));
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return;
    throw error;
  }
  try {
    if (statSync(file).size > MAX_FILE_BYTES) renameSync(file, `${file}.1`);
  } finally {
    unlinkSync(lock);
  }
}

/**
 * The lines entered so far, oldest first, each once. Kept between runs in an append-only file (0600) of JSON strings,
 * to which any number of shells may add; each sees the others' lines at its next start.
 */
export class History {
  readonly #file: string | undefined;
  readonly #onError: (error: Error) => void;
  #entries: string[] = [];

  /** @param options.file where lines are kept; without it they last as long as the process; `onError` is told once when it cannot be used */
  constructor(options: { file?: string; onError?: (error: Error) => void } = {}) {
    this.#file = options.file;
    this.#onError = options.onError ?? (() => {});
    this.#guard(() => this.#load());
  }

  get entries(): readonly string[] {
    return this.#entries;
  }

  /** Keeps a line. One that begins with a blank is meant to leave no trace; one like the last is kept already. */
  add(line: string): void {
    if (line.trim() === '' || /^\s/.test(line)) return;
    const last = this.#entries.at(-1);
    if (last === line) return;
    this.#entries = [...this.#entries.filter((entry) => entry !== line), line].slice(-MAX_ENTRIES);
    const file = this.#file;
    // One write to a file opened for appending is not mixed with another shell's.
    if (file !== undefined) this.#guard(() => appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 }));
  }

  #load(): void {
    if (this.#file === undefined) return;
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    rotate(this.#file);
    const lines = [...readLines(`${this.#file}.1`), ...readLines(this.#file)];
    // A Set keeps the first place of each value; walking backwards keeps the last.
    this.#entries = [...new Set(lines.toReversed())].slice(0, MAX_ENTRIES).toReversed();
  }

  #failed = false;

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      // A read-only home must not stop the shell; it is said once.
      if (!this.#failed) this.#onError(error instanceof Error ? error : new Error(String(error)));
      this.#failed = true;
    }
  }
}
