import { RemotingError } from '@holdfast/protocol';
import { unpooled } from '../unpooled.ts';
import { Backlog, type Chunk } from './backlog.ts';
import { Emulator } from './emulator.ts';
import { ModeTracker } from './mode-tracker.ts';
import { paint, type Corner, type Painting, type Size } from './painting.ts';
import { QueryAnswers, questionEnd } from './query-answers.ts';
import { snapshotText } from './snapshot.ts';
import { unfinished } from './unfinished.ts';

const SCROLLBACK_LINES = 1000;
/** Parsed in one go, some 5 ms. */
const SLICE_BYTES = 128 * 1024;
/** Between slices, so that parsing takes a part of a core only and unseen output can be left out. */
const PAUSE_MS = 15;
/** From here on unseen lines are left out. */
const BACKLOG_BYTES = 1024 * 1024;
/** From here on there are no pauses: what cannot be left out must not pile up. */
const FULL_BACKLOG_BYTES = 4 * 1024 * 1024;

type Waiting = { target: number; resolve: (snapshot: Snapshot) => void; reject: (error: Error) => void };

/** Text that restores the screen on any terminal of its size, and the offset of the first byte that is not in it. */
export type Snapshot = { offset: number; bytes: Buffer };

/** A terminal that goes on. */
type Terminal = { readonly emulator: Emulator; readonly tracker: ModeTracker };

/**
 * What a session's terminal shows now: a terminal emulator that is fed the session's output in the background, so that
 * whoever attaches afresh gets the screen instead of all output. It does not hold up the output; the lines of a flood
 * that scroll out again before anybody can see them are left out.
 */
export class Screen {
  /** Undefined when it is at rest, or disposed of. */
  #terminal: Terminal | undefined;
  /** In the terminal's place when it is at rest. */
  #last: Snapshot | undefined;
  readonly #backlog = new Backlog();
  readonly #scrollback: number;
  readonly #onChanged: () => void;
  #waiting: Waiting[] = [];
  /** Offset behind the last byte that was written, and behind the last that was parsed. */
  #end = 0;
  #parsed = 0;
  /** What the parser has taken but not acted on. */
  #unfinished: Buffer = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;
  #isParsing = false;
  #compactAt = BACKLOG_BYTES;
  readonly #answers = new QueryAnswers();
  /** Offset behind what is being parsed. */
  #parsing = 0;

  /**
   * @param columns width in cells
   * @param rows height in cells
   * @param options.scrollback lines kept above the screen
   * @param options.onChanged more was parsed, or the size is another
   */
  constructor(columns: number, rows: number, options: { scrollback?: number; onChanged?: () => void } = {}) {
    this.#scrollback = options.scrollback ?? SCROLLBACK_LINES;
    this.#onChanged = options.onChanged ?? ((): void => {});
    const emulator = new Emulator(columns, rows, this.#scrollback);
    const onAsked = (reply: string): void => this.#answers.asked(reply, this.#parsing);
    this.#terminal = { emulator, tracker: new ModeTracker(emulator, onAsked) };
    emulator.terminal.onData(onAsked);
  }

  /** Bytes that are not parsed yet. */
  get backlogBytes(): number {
    return this.#backlog.length;
  }

  /** Takes output, which the caller must not change; `end` is the offset behind it. */
  write(bytes: Buffer, end: number): void {
    if (this.#terminal === undefined) return;
    this.#end = end;
    this.#backlog.push(bytes, end);
    if (this.#backlog.length > this.#compactAt && this.#waiting.length === 0) this.#compact();
    this.#schedule();
  }

  /** Takes effect between what was written before and what is written after. */
  resize(columns: number, rows: number): void {
    if (this.#terminal === undefined) return;
    this.#backlog.pushResize({ columns, rows });
    this.#schedule();
  }

  /** The screen after everything written up to now, and perhaps some more. Rejects when the screen is disposed of. */
  snapshot(): Promise<Snapshot> {
    if (this.#last !== undefined) return Promise.resolve(this.#last);
    if (this.#terminal === undefined) return Promise.reject(gone());
    if (this.#waiting.length === 0) this.#compact();
    const { promise, resolve, reject } = Promise.withResolvers<Snapshot>();
    this.#waiting.push({ target: this.#end, resolve, reject });
    this.#schedule();
    return promise;
  }

  /** The screen as far as it is parsed, for a terminal of any size that only looks. @throws RemotingError SessionExited at rest */
  paint(size: Size, corner: Corner): { offset: number; painting: Painting } {
    if (this.#terminal === undefined) throw gone();
    return { offset: this.#parsed, painting: paint(this.#terminal.emulator, size, corner) };
  }

  /** No more comes: when all is parsed its last snapshot is kept, and no terminal, whose memory is some hundred times that. */
  async rest(): Promise<void> {
    try {
      const last = await this.snapshot();
      if (this.#terminal === undefined) return;
      this.dispose();
      this.#last = { ...last, bytes: unpooled(last.bytes) };
    } catch {
      // It was disposed of meanwhile.
    }
  }

  /**
   * The screen answers what programs ask the terminal (DA, DSR, colours ...), since nobody else does; also what was asked
   * behind offset `from` already and the terminal that looked did not answer.
   */
  answerQueries(reply: (bytes: Buffer) => void, from = this.#end): void {
    this.#answers.begin(from, reply);
  }

  /**
   * A terminal that is attached answers what is asked behind offset `at`.
   * @param shownTo it was asked already what stands before that, and its answers come too late
   */
  stopAnswering(at = this.#end, shownTo = 0): void {
    this.#answers.end(at, shownTo);
  }

  /** No answer comes any more that the screen has given before. */
  expectNoAnswers(): void {
    this.#answers.expectNone();
  }

  /** The output behind offset `from` whose questions the screen answered, before a terminal looked again. */
  answeredBehind(from: number): { from: number; to: number }[] {
    return this.#answers.answeredBehind(from);
  }

  /** What was typed at the terminal that is attached, its answers among it. @returns all but the answers that come too late */
  typed(bytes: Buffer): Buffer {
    return this.#answers.typed(bytes, this.#end);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#terminal?.emulator.terminal.dispose();
    this.#terminal = undefined;
    this.#last = undefined;
    this.#backlog.clear();
    for (const { reject } of this.#waiting.splice(0)) reject(gone());
  }

  #schedule(): void {
    if (this.#isParsing || this.#terminal === undefined) return;
    const isUrgent = this.#waiting.length > 0 || this.#backlog.length > FULL_BACKLOG_BYTES;
    if (isUrgent) return this.#parse();
    this.#timer ??= setTimeout(() => this.#parse(), this.#answers.isTheirs ? PAUSE_MS : 0);
  }

  #parse(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#applyResizes();
    const slice = this.#nextSlice();
    if (slice === undefined) return this.#settle();
    this.#isParsing = true;
    this.#parsing = slice.end;
    this.#terminal?.emulator.terminal.write(slice.bytes, () => {
      this.#isParsing = false;
      this.#parsed = slice.end;
      this.#unfinished = Buffer.from(unfinished(Buffer.concat([this.#unfinished, slice.bytes])));
      this.#applyResizes();
      this.#settle();
      if (this.#terminal !== undefined) this.#onChanged();
      if (!this.#backlog.isEmpty) this.#schedule();
    });
  }

  /** Not beyond a question to the terminal, so that it is known where each ends: who was shown it, and who answered. */
  #nextSlice(): Chunk | undefined {
    const slice = this.#backlog.take(SLICE_BYTES, this.#answers.borderBehind(this.#parsed));
    if (slice === undefined) return slice;
    const length = questionEnd(slice.bytes);
    if (length === slice.bytes.length) return slice;
    this.#backlog.putBack(slice.bytes.subarray(length), slice.end);
    return { bytes: slice.bytes.subarray(0, length), end: slice.end - (slice.bytes.length - length) };
  }

  #applyResizes(): void {
    for (let size = this.#backlog.takeResize(); size !== undefined; size = this.#backlog.takeResize()) {
      this.#terminal?.emulator.terminal.resize(size.columns, size.rows);
      this.#onChanged();
    }
  }

  #settle(): void {
    if (this.#terminal === undefined) return;
    const ready = this.#waiting.filter(({ target }) => target <= this.#parsed);
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter(({ target }) => target > this.#parsed);
    const text = Buffer.from(snapshotText(this.#terminal.emulator, this.#terminal.tracker));
    const snapshot = { offset: this.#parsed, bytes: Buffer.concat([text, this.#unfinished]) };
    for (const { resolve } of ready) resolve(snapshot);
  }

  #compact(): void {
    const rows = this.#terminal?.emulator.terminal.rows ?? 0;
    this.#backlog.dropUnseen(this.#scrollback + 2 * rows);
    this.#compactAt = Math.max(BACKLOG_BYTES, 2 * this.#backlog.length);
  }
}

function gone(): RemotingError {
  return new RemotingError('SessionExited', 'The session has ended: there is no screen any more');
}
