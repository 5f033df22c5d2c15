import type { SessionEvent } from '@holdfast/protocol';
import { describeClient } from '../client/describe-client.ts';
import { placeText } from '../client/prompt-text.ts';
import type { PSSession } from '../client/ps-session.ts';
import { messageLine } from '../client/session-message.ts';
import type { WatchedSession } from '../client/watched-session.ts';
import type { EscapeKey } from '../terminal/escape-key.ts';
import { clearStatusRow, showStatusRow } from '../terminal/status-row.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { AttendanceLines } from './attendance-lines.ts';
import { LinkNotice } from './link-notice.ts';
import { PassingNotice } from './passing-notice.ts';
import type { FrameRenderer } from './prompt-screen.ts';

/** Of what the prompt is made of, what watching takes. */
export type WatchViewParts = { terminal: Terminal; renderer: FrameRenderer; escapeKey: EscapeKey };

export type WatchEnd = { kind: 'taken' } | { kind: 'left' | 'over'; reason: string };

const ENTER = '\x1b[?1049h\x1b[m\x1b[2J';
/** What is painted sets the cursor's look and no wrapping, nothing else. */
const LEAVE = '\x1b[?2026l\x1b[?7h\x1b[0 q\x1b[?25h\x1b[m\x1b[?1049l';
const CHOICES = [
  { key: 't', label: 'take the keyboard' },
  { key: 'l', label: 'leave' },
  { key: 'c', label: 'cancel' },
];

/** A session's screen on this whole terminal, of whatever size; its bottom row says what is to be said, for a moment. */
export class WatchView {
  readonly #parts: WatchViewParts;
  readonly #session: PSSession;
  readonly #watched: WatchedSession;
  readonly #notice: PassingNotice;
  readonly #link: LinkNotice;
  readonly #lines: AttendanceLines;
  readonly #end = Promise.withResolvers<WatchEnd>();
  readonly #stops: (() => void)[] = [];
  #menu: string | undefined;
  #hasStatus = false;
  #isTaking = false;
  #isClosed = false;

  constructor(parts: WatchViewParts, session: PSSession, watched: WatchedSession) {
    this.#parts = parts;
    this.#session = session;
    this.#watched = watched;
    this.#lines = new AttendanceLines(watched.info, () => watched.number);
    const { connection } = watched;
    this.#notice = new PassingNotice(connection.settings.noticeMs, () => this.#showStatus());
    const noticed = { connection, unsentLines: [], unsentInput: new Uint8Array(), echo: { echoes: false } };
    this.#link = new LinkNotice(
      noticed,
      () => parts.terminal.columns,
      (text) => this.#notice.set(text),
    );
  }

  async run(): Promise<WatchEnd> {
    const { terminal } = this.#parts;
    const watched = this.#watched;
    terminal.write(ENTER);
    this.#stops.push(
      watched.onEvent((event) => this.#onEvent(event)),
      watched.onOver((reason) => (this.#isTaking ? undefined : this.#end.resolve({ kind: 'over', reason }))),
      terminal.onResize((columns, rows) => watched.resize(columns, rows)),
    );
    terminal.read(this.#onKeys);
    this.#notice.say(
      `Watching ${this.#session.Name} on ${placeText(this.#session.ComputerName, this.#watched.info)}: ${this.#about()}`,
    );
    this.#repaint();
    return this.#end.promise;
  }

  /** Gives the terminal back as it was. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#notice.hush();
    this.#link.dispose();
    for (const stop of this.#stops) stop();
    this.#parts.terminal.read(undefined);
    this.#parts.terminal.write(LEAVE);
  }

  #repaint(): void {
    const { columns, rows } = this.#parts.terminal;
    const view = { columns, rows, onSnapshot: (bytes: Buffer) => this.#draw(bytes) };
    this.#watched.show(view).catch((error: unknown) => {
      this.#end.resolve({ kind: 'over', reason: error instanceof Error ? error.message : String(error) });
    });
  }

  /** Resolves when the terminal has taken it: the host sends no more before. */
  #draw(bytes: Buffer): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#parts.terminal.write(bytes, resolve);
    this.#writeStatus();
    return promise;
  }

  /** What was below a line that goes is painted anew. */
  #showStatus(): void {
    if (this.#isClosed) return;
    const { terminal } = this.#parts;
    if (this.#status !== undefined) return this.#writeStatus();
    if (!this.#hasStatus) return;
    this.#hasStatus = false;
    terminal.write(clearStatusRow(terminal.rows));
    this.#repaint();
  }

  #writeStatus(): void {
    const status = this.#status;
    if (status === undefined) return;
    this.#hasStatus = true;
    const { terminal } = this.#parts;
    terminal.write(showStatusRow(status, terminal.rows, false));
  }

  get #status(): string | undefined {
    return this.#menu ?? this.#notice.text;
  }

  /** Who types, how to get there, and which part of the screen is seen. */
  #about(): string {
    const { typist, info } = this.#watched;
    const { columns, rows } = this.#parts.terminal;
    const isCut = info.columns > columns || info.rows > rows;
    const part = isCut ? `  ·  a part of its ${info.columns}×${info.rows}` : '';
    const who = typist === undefined ? 'nobody has the keyboard' : `${describeClient(typist)} types`;
    const recorded = info.recording !== undefined && info.recording.problem === undefined ? '  ·  recorded' : '';
    return `${who}${part}${recorded}  ·  ${this.#parts.escapeKey.label} to take the keyboard or to leave`;
  }

  #onEvent(event: SessionEvent): void {
    if (event.type === 'session.resized') this.#notice.say(this.#about());
    if (event.type === 'session.message') this.#notice.say(messageLine(event));
    const isUnrecorded = event.type === 'recording.ended' && !event.stops;
    if (isUnrecorded) this.#notice.say(`It is not recorded any more: ${event.problem}`);
    if (event.type !== 'session.attachments') return;
    const line = this.#lines.next(event.attachments);
    if (line !== undefined) this.#notice.say(line);
  }

  readonly #onKeys = (bytes: Buffer): void => {
    if (this.#menu !== undefined) return this.#choose(bytes);
    const escape = this.#parts.escapeKey.split(bytes).find((part) => part.kind === 'escape');
    if (escape === undefined) return this.#notice.say(`Nothing is typed: ${this.#about()}`);
    const { renderer, terminal } = this.#parts;
    const [row = ''] = renderer.render({ body: { kind: 'menu', menu: { choices: CHOICES } } }, terminal.columns);
    this.#menu = row;
    this.#showStatus();
    if (escape.rest.length > 0) this.#choose(escape.rest);
  };

  #choose(bytes: Buffer): void {
    this.#menu = undefined;
    const key = bytes.toString('latin1', 0, 1).toLowerCase();
    if (key === 'l') {
      this.#end.resolve({ kind: 'left', reason: 'watched no more' });
      void this.#watched.leave();
    } else if (key === 't') {
      void this.#take();
    }
    this.#showStatus();
  }

  async #take(): Promise<void> {
    this.#isTaking = true;
    try {
      await this.#watched.take();
      this.#end.resolve({ kind: 'taken' });
    } catch (error) {
      this.#isTaking = false;
      this.#notice.say(error instanceof Error ? error.message : String(error));
    }
  }
}
