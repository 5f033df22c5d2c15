/** Compares the output of `seq` (or of a part of it) with what it must be at each offset: a gap or a repetition shows at once. */
export class CounterCheck {
  /** Bytes compared. */
  bytes = 0;
  /** The first thing that was not as it must be. */
  fault: string | undefined;
  readonly #base: number;

  /** @param base offset of its first byte in the session's output */
  constructor(base: number) {
    this.#base = base;
  }

  /** @param offset of the chunk's first byte in the session's output; what stands before the counter is not compared */
  take(offset: number, chunk: Buffer): void {
    const before = Math.max(0, this.#base - offset);
    const text = chunk.subarray(before).toString('latin1');
    if (text.length === 0) return;
    this.bytes += text.length;
    const expected = counterText(offset + before - this.#base, text.length);
    if (text === expected || this.fault !== undefined) return;
    let at = 0;
    while (text[at] === expected[at]) at += 1;
    const show = (whole: string): string => JSON.stringify(whole.slice(at, at + 24));
    this.fault = `at ${offset + before + at} came ${show(text)} for ${show(expected)}`;
  }
}

/** `length` characters from offset `at` of 1, 2, 3, ... as a terminal prints them, each with CR LF. */
export function counterText(at: number, length: number): string {
  let digits = 1;
  let start = 0;
  for (let size = 9 * 3; at >= start + size; size = 9 * 10 ** (digits - 1) * (digits + 2)) {
    start += size;
    digits += 1;
  }
  const skip = (at - start) % (digits + 2);
  let number = 10 ** (digits - 1) + Math.floor((at - start) / (digits + 2));
  let text = '';
  while (text.length < skip + length) text += `${number++}\r\n`;
  return text.slice(skip, skip + length);
}
