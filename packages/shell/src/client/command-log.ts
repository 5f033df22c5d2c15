import { STREAM_MARK, type LogStream } from '@holdfast/protocol';

/** Standard output, standard error, or what the terminal printed while a command ran whose streams are apart from it. */
export type StreamKind = Exclude<LogStream, 'x'>;
/** A piece of one of them; what an ordinary command showed on its terminal counts as standard output. */
export type StreamPiece = { readonly kind: StreamKind; readonly bytes: Buffer };
/** What a command wrote, or the exit status with which it ended. */
export type LogPiece = StreamPiece | { readonly status: number };

const PROMPT_MARK = '\u001b]133;';
/**
 * A session's log shows a command as A, prompt, B, text, C, output, D with its status (OSC 133). Output whose streams are
 * apart stands between marks with the command's id, from one stream to another (docs/protocol.md).
 */
const MARK =
  // eslint-disable-next-line no-control-regex -- the marks are control sequences
  /\u001b\](?:133;(?<letter>[ABCD])(?:;(?<status>\d+))?|7433;(?<id>[0-9a-f-]{36});(?<from>[oetx])(?<to>[oetx]))\u0007/u;
/** No mark is longer. */
const MARK_LENGTH = 64;

/** Reads out of a session's log what commands wrote there; prompts and typed texts are left out. */
export class CommandLog {
  /** Unknown where the log was not read from its beginning, until the first mark tells. */
  #where: 'output' | 'outside' | 'unknown';
  /** The command whose streams are apart, and the one that comes now. */
  #apart: { readonly id: string; readonly kind: StreamKind } | undefined;
  /** Nothing has come yet of the output: its streams may begin to be apart. */
  #isFresh = true;
  /** It was only supposed that what comes is an ordinary command's output. */
  #isGuess = false;
  #held = '';
  /** The beginning of an end of line. */
  #carriage = '';
  #undecided = '';

  /** @param where whether a command's output is under way where the reading begins */
  constructor(where: 'output' | 'outside' | 'unknown') {
    this.#where = where;
  }

  push(bytes: Buffer): LogPiece[] {
    const pieces: LogPiece[] = [];
    // Each byte is a character here: marks and ends of lines are ASCII, and nothing else is looked at.
    let open = this.#held + bytes.toString('latin1');
    for (let match = MARK.exec(open); match !== null; match = MARK.exec(open)) {
      const end = match.index + match[0].length;
      const before = open.slice(0, match.index);
      if (this.#counts(match.groups ?? {}, before)) {
        this.#take(pieces, before);
        this.#turn(pieces, match.groups ?? {});
      } else {
        this.#take(pieces, open.slice(0, end));
      }
      open = open.slice(end);
    }
    const end = beginningOfMark(open);
    this.#held = open.slice(end);
    this.#take(pieces, open.slice(0, end));
    return pieces;
  }

  /** There is no more to read for now. @param isRunning whether a command goes on, whose output no mark has ended */
  rest(isRunning: boolean): LogPiece[] {
    const pieces: LogPiece[] = [];
    if (this.#where === 'unknown' && isRunning) {
      this.#isGuess = true;
      this.#decide(pieces);
    }
    if (isRunning) return pieces;
    this.#take(pieces, this.#held);
    this.#held = '';
    this.#endLine(pieces);
    return pieces;
  }

  /** A part of the log is missing here. */
  skip(): void {
    this.#where = 'unknown';
    this.#apart = undefined;
    this.#held = '';
    this.#carriage = '';
  }

  /** Whether a mark is the host's: a command's own bytes may look like one, but for its id. */
  #counts({ id, from }: Groups, before: string): boolean {
    if (this.#apart !== undefined) return id === this.#apart.id;
    if (id === undefined) return true;
    if (from !== 'x') return this.#where === 'unknown' || this.#isGuess;
    return before === '' && (this.#where === 'output' ? this.#isFresh : this.#undecided === '');
  }

  #take(pieces: LogPiece[], text: string): void {
    if (text === '') return;
    this.#isFresh = false;
    if (this.#where === 'unknown') this.#undecided += text;
    if (this.#where === 'output') this.#add(pieces, text);
  }

  #add(pieces: LogPiece[], text: string): void {
    const kind = this.#apart?.kind ?? 'o';
    const isTerminal = kind === 't';
    const whole = this.#carriage + text;
    this.#carriage = !isTerminal && whole.endsWith('\r') ? '\r' : '';
    const taken = whole.slice(0, whole.length - this.#carriage.length);
    // The terminal, or the host in its place, puts a carriage return before each end of line.
    const written = isTerminal ? taken : taken.replaceAll('\r\n', '\n');
    if (written !== '') pieces.push({ kind, bytes: Buffer.from(written, 'latin1') });
  }

  /** A carriage return before a mark ended no line. */
  #endLine(pieces: LogPiece[]): void {
    const bytes = Buffer.from(this.#carriage);
    this.#carriage = '';
    if (bytes.length > 0) pieces.push({ kind: this.#apart?.kind ?? 'o', bytes });
  }

  #turn(pieces: LogPiece[], groups: Groups): void {
    const { id, from, to, letter, status } = groups;
    this.#endLine(pieces);
    this.#isGuess = false;
    if (id === undefined) {
      this.#turnPrompt(pieces, letter, letter === 'D' ? Number(status ?? 0) : undefined);
      return;
    }
    if (this.#where === 'unknown' && isStream(from)) {
      this.#apart = { id, kind: from };
      this.#decide(pieces);
      this.#endLine(pieces);
    }
    this.#where = 'output';
    this.#apart = isStream(to) ? { id, kind: to } : undefined;
    this.#isFresh = false;
  }

  #turnPrompt(pieces: LogPiece[], letter: string | undefined, status: number | undefined): void {
    // An end without anything before it is that of a command whose output was read to its end.
    const isRead = this.#where === 'unknown' && this.#undecided === '';
    if (this.#where === 'unknown' && status !== undefined && !isRead) this.#decide(pieces);
    if (status !== undefined && this.#where === 'output') {
      this.#endLine(pieces);
      pieces.push({ status });
    }
    this.#undecided = '';
    this.#where = letter === 'C' ? 'output' : 'outside';
    this.#isFresh = true;
  }

  #decide(pieces: LogPiece[]): void {
    const text = this.#undecided;
    this.#where = 'output';
    this.#undecided = '';
    this.#take(pieces, text);
  }
}

type Groups = Readonly<Record<string, string | undefined>>;

function isStream(letter: string | undefined): letter is StreamKind {
  return letter === 'o' || letter === 'e' || letter === 't';
}

/** Where the end of a text begins that may become a mark; its length if there is none. */
function beginningOfMark(text: string): number {
  const escape = text.lastIndexOf('\u001b');
  if (escape < 0 || text.length - escape > MARK_LENGTH) return text.length;
  const tail = text.slice(escape);
  const isOpen = [PROMPT_MARK, STREAM_MARK].some((mark) => mark.startsWith(tail) || tail.startsWith(mark));
  return isOpen ? escape : text.length;
}
