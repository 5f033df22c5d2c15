/** Reads the output of `seq`: every number must come once and in its turn. */
export class NumberedLines {
  /** The number that comes next. */
  next = 1;
  /** The first thing that was not as it must be. */
  fault: string | undefined;
  #rest = '';

  readonly take = (chunk: Buffer): void => {
    const lines = (this.#rest + chunk.toString('latin1')).split('\r\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== String(this.next)) this.fault ??= `after ${this.next - 1} came ${JSON.stringify(line)}`;
      this.next += 1;
    }
  };
}
