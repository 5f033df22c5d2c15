/** A question that was answered, by its kind and the offset behind it. */
type Answered = { readonly kind: string; readonly end: number };
/**
 * Output between two offsets of the log whose questions this side answers; those up to `shownTo` a terminal was asked as
 * well, before its link was lost.
 */
type Turn = { from: number; to: number; shownTo: number; readonly given: Answered[] };
type Open = { readonly kind: string; readonly end: number; readonly reply: string };

/** More than a program ever asks at once. */
const MAX_OPEN = 64;
/** What is older than so many turns has been shown to whoever looks. */
const MAX_TURNS = 16;
const ESC = 0x1b;
/** What a terminal says when it is asked: DA, DSR, CPR, DECRPM; OSC colours; XTVERSION, DECRQSS. */
// eslint-disable-next-line no-control-regex -- replies are control sequences
const REPLY = /\x1b(?:\[([?>]?)[\d;]*(\$y|[cnR])|(\]\d+);[^\x07\x1b]*(?:\x07|\x1b\\)|P[01]?([>$]\w?)[^\x1b]*\x1b\\)/g;
/** The beginning of that, at the end of what was typed. */
// eslint-disable-next-line no-control-regex -- replies are control sequences
const BEGUN = /\x1b(?:\[[?>]?[\d;]*\$?|\]\d*(?:;[^\x07\x1b]*\x1b?)?|P[01]?(?:[>$][^\x1b]*\x1b?)?)?$/;
/** An answer that takes more is none. */
const MAX_ANSWER = 256;
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
  /** Kinds of answers that a terminal is still to give and that this side has given. */
  #late: string[] = [];
  #reply: (bytes: Buffer) => void = () => {};
  /** The beginning of an answer, which the program has by now. */
  #begun = '';
  /** This side has answered since. */
  #isOvertaken = false;

  /** A terminal that looks answers what is asked now. */
  get isTheirs(): boolean {
    return this.#turns.at(-1)?.to !== Infinity;
  }

  /** This side answers what is asked behind offset `from`, also of what a terminal was asked and did not answer. */
  begin(from: number, reply: (bytes: Buffer) => void): void {
    this.#reply = reply;
    const last = this.#turns.at(-1);
    if (last !== undefined && from <= last.to) {
      last.from = Math.min(last.from, from);
      last.to = Infinity;
    } else {
      this.#turns.push({ from, to: Infinity, shownTo: 0, given: [] });
      if (this.#turns.length > MAX_TURNS) this.#turns.shift();
    }
    const mine = this.#open.filter(({ end }) => end > from);
    this.#open = this.#open.filter(({ end }) => end <= from);
    for (const question of mine) this.#answer(question);
  }

  /** The output behind offset `from` whose questions this side answered, before a terminal looked again. */
  answeredBehind(from: number): { from: number; to: number }[] {
    return this.#turns
      .filter(({ to }) => to > from && to !== Infinity)
      .map((turn) => ({ from: turn.from, to: turn.to }));
  }

  /** A terminal that looks answers what is asked behind offset `at`; what stands before `shownTo` it was asked already. */
  end(at: number, shownTo: number): void {
    const turn = this.#turns.at(-1);
    if (turn?.to !== Infinity) return;
    turn.to = Math.max(at, turn.from);
    turn.shownTo = shownTo;
    for (const { kind, end } of turn.given.splice(0)) if (end <= shownTo) this.#late.push(kind);
  }

  /** The terminal gives no answers any more to what it was asked before. */
  expectNone(): void {
    this.#late = [];
    this.#begun = '';
    for (const turn of this.#turns) turn.shownTo = 0;
  }

  /** The next offset behind `parsed` where the turn changes. */
  borderBehind(parsed: number): number {
    const borders = this.#turns.flatMap(({ from, to }) => [from, to]);
    return Math.min(...borders.filter((border) => border > parsed), Infinity);
  }

  /** What the emulator says to a question that ended before offset `end`. */
  asked(reply: string, end: number): void {
    const [kind = ''] = kindsOf(reply);
    const early = this.#early.findIndex((answer) => answer.kind === kind && answer.at >= end);
    if (early >= 0) this.#early.splice(early, 1);
    else if (this.#turnAt(end) !== undefined) this.#answer({ kind, end, reply });
    else this.#open = [...this.#open, { kind, end, reply }].slice(-MAX_OPEN);
  }

  /**
   * The terminal typed something while offset `at` was the end of the output: perhaps an answer.
   * @returns what of it the program is to have: all but what this side answered in the terminal's place
   */
  typed(bytes: Buffer, at: number): Buffer {
    if (this.#begun === '' && !bytes.includes(ESC)) return bytes;
    const had = this.#begun.length;
    const text = this.#begun + bytes.toString('latin1');
    let kept = '';
    let from = had;
    for (const { 0: reply, index } of text.matchAll(REPLY)) {
      const isTaken = this.#takes(kindsOf(reply)[0] ?? '', at);
      // Without its end the program would take what is typed next for it; behind an answer of this side it has ended.
      if (isTaken || (index < had && !this.#isOvertaken)) continue;
      kept += text.slice(from, Math.max(from, index));
      from = index + reply.length;
    }
    this.#begun = BEGUN.exec(text.slice(-MAX_ANSWER))?.[0] ?? '';
    this.#isOvertaken = false;
    return from === had ? bytes : Buffer.from(kept + text.slice(from), 'latin1');
  }

  /** @returns false for an answer that comes too late */
  #takes(kind: string, at: number): boolean {
    const late = this.#late.indexOf(kind);
    if (late >= 0) {
      this.#late.splice(late, 1);
      return false;
    }
    const open = this.#open.findIndex((question) => question.kind === kind);
    if (open >= 0) this.#open.splice(open, 1);
    else this.#early = [...this.#early, { kind, at }].slice(-MAX_OPEN);
    return true;
  }

  #answer({ kind, end, reply }: Open): void {
    const turn = this.#turnAt(end);
    // Only what a terminal was asked as well matters, and that came first.
    if (turn?.to === Infinity && turn.given.length < MAX_OPEN) turn.given.push({ kind, end });
    else if (turn !== undefined && end <= turn.shownTo) this.#late.push(kind);
    this.#isOvertaken = this.#begun !== '';
    this.#reply(Buffer.from(reply, 'latin1'));
  }

  #turnAt(end: number): Turn | undefined {
    return this.#turns.findLast(({ from, to }) => from < end && end <= to);
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
