import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

const NUL = Buffer.alloc(1);
/** Kept on the disk for commands, so that one as long as this runs when the disk is full: it may be what makes room. */
const RESERVED_BYTES = 16 * 1024;

/** What a driver and its bash hand each other past the terminal, in a folder of their own (0700). */
export class BashFiles {
  readonly folder: string;
  readonly #text: number;
  #length = 0;
  #reserved = 0;

  /** @throws Error of node:fs */
  constructor(parent: string) {
    this.folder = mkdtempSync(join(parent, 'bash-'));
    this.#text = openSync(join(this.folder, 'text'), 'w', 0o600);
    try {
      this.reserve(RESERVED_BYTES);
    } catch (error) {
      this.dispose();
      throw error;
    }
  }

  get rc(): string {
    return join(this.folder, 'rc');
  }

  writeRc(script: string): void {
    writeFileSync(this.rc, script, { mode: 0o600 });
  }

  removeRc(): void {
    rmSync(this.rc, { force: true });
  }

  /** Makes sure that there is room for a text of so many bytes. @throws Error of node:fs when the disk is full */
  reserve(bytes: number): void {
    const more = bytes + NUL.length - this.#reserved;
    if (more <= 0) return;
    try {
      this.#write(Buffer.alloc(more), this.#reserved);
    } catch (error) {
      ftruncateSync(this.#text, this.#reserved);
      throw error;
    }
    this.#reserved += more;
  }

  /** Leaves the text of a command for bash, which reads up to the NUL. @throws as reserve() */
  writeText(text: Buffer): void {
    this.reserve(text.length);
    this.#write(Buffer.concat([text, NUL]));
    this.#length = text.length;
  }

  /**
   * Wipes the text, which bash has read. In place: a file system that keeps a truncated and rewritten file safe
   * (ext4, auto_da_alloc) would write to the disk for every command.
   */
  wipeText(): void {
    if (this.#length > 0) this.#write(Buffer.alloc(this.#length));
    this.#length = 0;
  }

  /** Takes the completions of the last request. */
  takeAnswer(): string[] {
    const path = join(this.folder, 'answer');
    let answer: string;
    try {
      answer = readFileSync(path, 'utf8');
    } catch {
      // Interrupted before it wrote any.
      return [];
    }
    rmSync(path);
    return [...new Set(answer.split('\0').filter((candidate) => candidate !== ''))];
  }

  #write(bytes: Buffer, position = 0): void {
    for (let at = 0; at < bytes.length;) at += writeSync(this.#text, bytes, at, bytes.length - at, position + at);
  }

  dispose(): void {
    closeSync(this.#text);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
