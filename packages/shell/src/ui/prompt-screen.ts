import type { Terminal } from '../terminal/terminal.ts';
import { freshLine } from '../terminal/terminal-reset.ts';
import type { FrameModel } from './frame.tsx';
import { FrameWriter } from './frame-writer.ts';

/** Turns a model into rows; Ink does. */
export type FrameRenderer = { render(model: FrameModel, columns: number): string[] };

/** Text for a terminal whose newline is only a step down. */
function toTerminalText(text: string): string {
  return text.replaceAll(/\r?\n/g, '\r\n');
}

/** Bracketed paste is on while a line is typed, so that a pasted newline is text and no Enter. */
const PASTE_ON = '\x1b[?2004h';
const PASTE_OFF = '\x1b[?2004l';

/** The end of the screen while no program has it: a frame that is redrawn, and output that goes above it for good. */
export class PromptScreen {
  readonly #terminal: Terminal;
  readonly #renderer: FrameRenderer;
  readonly #writer: FrameWriter;
  #body: FrameModel['body'] = { kind: 'empty' };
  #cursor: { x: number; y: number } | undefined;
  #status: string | undefined;
  #atLineStart = true;

  constructor(terminal: Terminal, renderer: FrameRenderer) {
    this.#terminal = terminal;
    this.#renderer = renderer;
    this.#writer = new FrameWriter(terminal);
  }

  get columns(): number {
    return this.#terminal.columns;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  /** Shows a body, or the same one changed. */
  show(body: FrameModel['body']): void {
    if (this.#body.kind === 'empty') this.#terminal.write(PASTE_ON);
    this.#body = body;
    this.#cursor = body.kind === 'prompt' ? body.layout.cursor : undefined;
    this.#draw();
  }

  /** A line about the link below the frame; undefined takes it away. */
  setStatus(status: string | undefined): void {
    if (status === this.#status) return;
    this.#status = status;
    if (this.#body.kind !== 'empty') this.#draw();
  }

  /** Takes the frame away; `text` stays in its place, in the terminal's own scrollback. */
  hide(text?: string): void {
    if (this.#body.kind === 'empty') {
      if (text !== undefined) this.print(`${text}\n`);
      return;
    }
    this.#body = { kind: 'empty' };
    const line = text === undefined ? '' : `${toTerminalText(text)}\r\n`;
    this.#terminal.write(`${this.#writer.eraseSequence()}${PASTE_OFF}${line}`);
  }

  /** Writes text above the frame. */
  print(text: string): void {
    this.printBytes(Buffer.from(toTerminalText(text)));
  }

  /** Writes a program's bytes above the frame; `done` when the terminal has taken them. */
  printBytes(bytes: Uint8Array, done?: () => void): void {
    if (bytes.length === 0) {
      done?.();
      return;
    }
    const shown = this.#body.kind !== 'empty';
    if (shown) this.#writer.erase();
    this.#terminal.write(bytes, done);
    this.#atLineStart = bytes.at(-1) === 0x0a;
    if (shown) this.#draw();
  }

  /** Clears the terminal (Ctrl-L) and shows the frame at its top. */
  clear(): void {
    this.#writer.erase();
    this.#terminal.write('\x1b[H\x1b[2J');
    if (this.#body.kind !== 'empty') this.#draw();
  }

  /** The terminal has another size. */
  resized(): void {
    if (this.#body.kind === 'empty') return;
    this.#writer.erase();
    this.#draw();
  }

  #draw(): void {
    const { columns } = this.#terminal;
    if (!this.#atLineStart) this.#terminal.write(freshLine(columns));
    this.#atLineStart = true;
    const rows = this.#renderer.render({ body: this.#body, status: this.#status }, columns);
    this.#writer.draw(rows, this.#cursor ?? this.#answerCursor(rows));
  }

  /** Behind the last row of a question, which the status line may follow. */
  #answerCursor(rows: readonly string[]): { x: number; y: number } | undefined {
    if (this.#status === undefined || rows.length < 2) return undefined;
    return { x: 0, y: rows.length - 2 };
  }
}
