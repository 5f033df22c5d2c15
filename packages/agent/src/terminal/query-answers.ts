/** Output between two offsets of the log whose questions this side answers. */
type Turn = { readonly from: number; to: number };
type Open = { readonly kind: string; readonly end: number; readonly reply: string };

/** More than a program ever asks at once. */
const MAX_OPEN = 64;
const ESC = 0x1b;
/** What a terminal says when it is asked: DA, DSR, CPR, DECRPM; OSC colours; XTVERSION, DECRQSS. */
// eslint-disable-next-line no-control-regex -- replies are control sequences
const REPLY = /\x1b(?:\[([?>]?)[\d;]*(\$y|[cnR])|(\]\d+);[^\x07\x1b]*(?:\x07|\x1b\\)|P[01]?([>$]\w?)[^\x1b]*\x1b\\)/g;
/** What may make it say so. */
// eslint-disable-next-line no-control-regex -- questions are control sequences
const QUESTION = /\x1b(?:\[[?>=]?[\d;]*(?:[cn]|\$p|q)|\][\d;]*\?(?:\x07|\x1b\\)|P\$q[^\x1b]*\x1b\\)/;

/**
 * Who answers what programs ask their terminal. While nobody looks it is this side; a terminal that looks answers for
 * itself, and what it was not shown before it went, or went with its answer lost, is answered by this side after all.
 */
export class QueryAnswers {
  readonly #turns: Turn[] = [];
  /** Questions to a terminal that has not answered yet. */
  #open: Open[] = [];
  /** Answers of the terminal to questions that are not parsed yet. */
  #early: { kind: string; at: number }[] = [];
  #reply: (bytes: Buffer) => void = () => {};

  /** A terminal that looks answers what is asked now. */
  get isTheirs(): boolean {
    return this.#turns.at(-1)?.to !== Infinity;
  }

  /** This side answers what is asked behind offset `from`, if it does not already. */
  begin(from: number, reply: (bytes: Buffer) => void): void {
    if (!this.isTheirs) return;
    this.#reply = reply;
    this.#turns.push({ from, to: Infinity });
    const open = this.#open;
    this.#open = [];
    for (const question of open) if (question.end > from) this.#send(question.reply);
  }

  /** A terminal that looks answers what is asked behind offset `at`. */
  end(at: number): void {
    const turn = this.#turns.at(-1);
    if (turn?.to === Infinity) turn.to = Math.max(at, turn.from);
  }

  /** The next offset behind `parsed` where the turn changes. */
  borderBehind(parsed: number): number {
    while (this.#turns.length > 1 && (this.#turns[0]?.to ?? 0) <= parsed) this.#turns.shift();
    const borders = this.#turns.flatMap(({ from, to }) => [from, to]);
    return Math.min(...borders.filter((border) => border > parsed), Infinity);
  }

  /** What the emulator says to a question that ended before offset `end`. */
  asked(reply: string, end: number): void {
    if (this.#turns.some(({ from, to }) => from < end && end <= to)) {
      this.#send(reply);
      return;
    }
    const [kind = ''] = kindsOf(reply);
    const early = this.#early.findIndex((answer) => answer.kind === kind && answer.at >= end);
    if (early >= 0) this.#early.splice(early, 1);
    else this.#open = [...this.#open, { kind, end, reply }].slice(-MAX_OPEN);
  }

  /** The terminal typed something while offset `at` was the end of the output: perhaps an answer. */
  typed(bytes: Buffer, at: number): void {
    if (!bytes.includes(ESC)) return;
    for (const kind of kindsOf(bytes.toString('latin1'))) {
      const open = this.#open.findIndex((question) => question.kind === kind);
      if (open >= 0) this.#open.splice(open, 1);
      else this.#early = [...this.#early, { kind, at }].slice(-MAX_OPEN);
    }
  }

  #send(reply: string): void {
    this.#reply(Buffer.from(reply, 'latin1'));
  }
}

/** How many bytes to parse at once, so that it is known where the first question ends. */
export function questionEnd(bytes: Buffer): number {
  if (!bytes.includes(ESC)) return bytes.length;
  const found = QUESTION.exec(bytes.toString('latin1'));
  return found === null ? bytes.length : found.index + found[0].length;
}

function kindsOf(text: string): string[] {
  return [...text.matchAll(REPLY)].map((match) => match.slice(1).join(''));
}
