import { closeSync, constants, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

type Segment = { path: string; fd: number; start: number; end: number };

/** Consecutive bytes on disk by absolute offset, in files of a size that can be removed one by one. */
export class SegmentFiles {
  readonly #folder: string;
  readonly #segmentBytes: number;
  #segments: Segment[] = [];

  /** @param segmentBytes after which the next file begins; a piece given to append() is never divided */
  constructor(folder: string, segmentBytes: number) {
    this.#folder = folder;
    this.#segmentBytes = segmentBytes;
  }

  /** Where the first file ends; undefined while there is none. */
  get firstEnd(): number | undefined {
    return this.#segments[0]?.end;
  }

  /** Writes `bytes`, which follow what was written before. When it throws, none of them count as written. */
  append(start: number, bytes: Buffer): void {
    let last = this.#segments.at(-1);
    if (last === undefined || last.end - last.start >= this.#segmentBytes) {
      last = this.#create(start);
      this.#segments.push(last);
    }
    let written = 0;
    while (written < bytes.length) {
      const position = last.end - last.start + written;
      written += writeSync(last.fd, bytes, written, bytes.length - written, position);
    }
    last.end += bytes.length;
  }

  /** Up to `maxBytes` bytes from `offset` on; undefined where no file has them. Throws if the disk does not give them. */
  readFrom(offset: number, maxBytes: number): Buffer | undefined {
    const segment = this.#segments.findLast((candidate) => candidate.start <= offset);
    if (segment === undefined || offset >= segment.end) return undefined;
    const bytes = Buffer.allocUnsafe(Math.min(maxBytes, segment.end - offset));
    const length = readSync(segment.fd, bytes, 0, bytes.length, offset - segment.start);
    if (length === 0) throw new Error(`${segment.path} is too short: ${segment.end - offset} bytes are missing`);
    return bytes.subarray(0, length);
  }

  /** Removes files of which nothing is at or above `offset`. */
  removeBelow(offset: number): void {
    const keep = this.#segments.findIndex((segment) => segment.end > offset);
    const removed = keep < 0 ? this.#segments.splice(0) : this.#segments.splice(0, keep);
    for (const { fd, path } of removed) {
      closeSync(fd);
      rmSync(path, { force: true });
    }
  }

  #create(start: number): Segment {
    const path = join(this.#folder, `${start}.output`);
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
    return { path, fd: openSync(path, flags, 0o600), start, end: start };
  }
}
