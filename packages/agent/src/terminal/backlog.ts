const LF = 0x0a;
/** Bytes that may change more than what is written where: BEL, SO, SI, CAN, SUB, ESC, and C1 controls in UTF-8. */
const CONTROLS = [0x07, 0x0e, 0x0f, 0x18, 0x1a, 0x1b, 0xc2] as const;

/** A resize happens between two bytes. */
export type Resize = { columns: number; rows: number };
/** Output and the offset behind it. */
export type Chunk = { bytes: Buffer; end: number };
type Entry = Chunk | { resize: Resize };

/** Output that waits for the emulator. */
export class Backlog {
  #entries: Entry[] = [];
  #length = 0;

  /** Bytes that wait. */
  get length(): number {
    return this.#length;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  clear(): void {
    this.#entries = [];
    this.#length = 0;
  }

  push(bytes: Buffer, end: number): void {
    this.#entries.push({ bytes, end });
    this.#length += bytes.length;
  }

  /** The rest of what was taken comes first again. */
  putBack(bytes: Buffer, end: number): void {
    this.#entries.unshift({ bytes, end });
    this.#length += bytes.length;
  }

  pushResize(resize: Resize): void {
    this.#entries.push({ resize });
  }

  /** The next resize, if it comes before any byte. */
  takeResize(): Resize | undefined {
    const [first] = this.#entries;
    if (first === undefined || !('resize' in first)) return undefined;
    this.#entries.shift();
    return first.resize;
  }

  /** The next bytes, one chunk at least, some `maxBytes` at most, and the offset behind them; not on both sides of `border`. */
  take(maxBytes: number, border: number): Chunk | undefined {
    const taken: Buffer[] = [];
    let length = 0;
    let end = 0;
    let count = 0;
    for (const entry of this.#entries) {
      if ('resize' in entry) break;
      const crosses = end <= border && border < entry.end;
      if (count > 0 && (crosses || length + entry.bytes.length > maxBytes)) break;
      taken.push(entry.bytes);
      length += entry.bytes.length;
      end = entry.end;
      count += 1;
    }
    this.#entries.splice(0, count);
    this.#length -= length;
    const [only] = taken;
    if (only === undefined) return undefined;
    return { bytes: count === 1 ? only : Buffer.concat(taken, length), end };
  }

  /**
   * Drops lines that would scroll out of the emulator again unseen, because `lines` lines of plain text come behind
   * them: the result is the same. Only within plain text, since other output may change the terminal for good; and the
   * line that was begun before it stays.
   */
  dropUnseen(lines: number): void {
    const run = plainSuffix(this.#entries);
    const text = Buffer.concat(run.map((entry) => entry.bytes));
    const head = text.indexOf(LF) + 1;
    const tail = lastLines(text, lines);
    const last = run.at(-1);
    if (last === undefined || head === 0 || tail <= head) return;
    const bytes = Buffer.concat([text.subarray(0, head), text.subarray(tail)]);
    this.#entries.splice(this.#entries.length - run.length, run.length, { bytes, end: last.end });
    this.#length -= text.length - bytes.length;
  }
}

/** The entries at the end that are plain text. */
function plainSuffix(entries: readonly Entry[]): Chunk[] {
  const run: Chunk[] = [];
  for (const entry of entries.toReversed()) {
    if ('resize' in entry || CONTROLS.some((control) => entry.bytes.includes(control))) break;
    run.push(entry);
  }
  return run.reverse();
}

/** Where the last `count` whole lines of `text` begin; 0 if it has fewer. */
function lastLines(text: Buffer, count: number): number {
  let at = text.length;
  for (let found = 0; found <= count; found += 1) {
    at = at === 0 ? -1 : text.lastIndexOf(LF, at - 1);
    if (at < 0) return 0;
  }
  return at + 1;
}
