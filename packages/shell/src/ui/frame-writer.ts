import stringWidth from 'string-width';
import type { Terminal } from '../terminal/terminal.ts';

const BEGIN_UPDATE = '\x1b[?2026h';
const END_UPDATE = '\x1b[?2026l';

/** Rows as they stand on the screen, and the cursor in them. */
type Frame = { rows: string[]; cursor: { x: number; y: number } };

/**
 * Draws a few rows at the end of the terminal's output and redraws what changed. Ink's own writer leaves an empty row
 * below its frame, so that output would scroll otherwise than in a plain terminal; here the last row is the prompt's.
 */
export class FrameWriter {
  readonly #terminal: Terminal;
  #shown: Frame | undefined;
  #columns = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Shows rows, each no wider than the terminal; without a cursor it stands behind the last row. */
  draw(drawn: string[], cursor?: { x: number; y: number }): void {
    // Ink cuts blanks off the ends of rows; up to the cursor they were typed and are cells like any other.
    const rows = drawn.map((row, y) =>
      y === cursor?.y ? row + ' '.repeat(Math.max(0, cursor.x - stringWidth(row))) : row,
    );
    const last = rows.length - 1;
    const frame = { rows, cursor: cursor ?? { x: stringWidth(rows[last] ?? ''), y: last } };
    const shown = this.#shown;
    const text = shown === undefined ? rows.join('\r\n') : this.#changes(shown, rows);
    const from = shown === undefined || text === '' ? (shown?.cursor ?? { x: -1, y: last }) : { x: -1, y: last };
    const same = text === '' && from.x === frame.cursor.x && from.y === frame.cursor.y;
    this.#shown = frame;
    this.#columns = this.#terminal.columns;
    if (!same) this.#terminal.write(BEGIN_UPDATE + text + moveCursor(from, frame.cursor) + END_UPDATE);
  }

  /** Takes the rows away; the cursor stands where the first began. */
  erase(): void {
    const text = this.eraseSequence();
    if (text !== '') this.#terminal.write(text);
  }

  /** What takes the rows away, to be written together with what follows. */
  eraseSequence(): string {
    const shown = this.#shown;
    if (shown === undefined) return '';
    this.#shown = undefined;
    const start = `${up(this.#rowsAboveCursor(shown))}\r`;
    // A screen that is erased from its first cell on is kept in tmux's history. So rows that were wrapped anew, which are
    // not counted but erased to the end of the screen, are erased from the second cell on, and all others row by row.
    if (this.#terminal.columns < this.#columns) return `${start}\x1b[K\x1b[C\x1b[J\r`;
    const below = shown.rows.length - 1;
    return `${start}\x1b[K${'\x1b[B\x1b[2K'.repeat(below)}${up(below)}`;
  }

  /** The terminal's width changed and its rows with it: draw anew at the next draw(). */
  resized(): void {
    this.erase();
  }

  /** Terminals wrap a row that has become too long; each of its pieces is a row above the cursor then. */
  #rowsAboveCursor({ rows, cursor }: Frame): number {
    const { columns } = this.#terminal;
    if (columns >= this.#columns) return cursor.y;
    const pieces = (width: number): number => Math.max(1, Math.ceil(width / columns));
    const above = rows.slice(0, cursor.y).reduce((sum, row) => sum + pieces(stringWidth(row)), 0);
    return above + Math.floor(cursor.x / columns);
  }

  /** From the cursor's place in the old rows to behind the last new one, rewriting rows that differ. */
  #changes(shown: Frame, rows: string[]): string {
    const first = rows.findIndex((row, index) => row !== shown.rows[index]);
    if (first === -1 && rows.length === shown.rows.length) return '';
    const from = first === -1 ? rows.length - 1 : first;
    const known = Math.min(from, shown.rows.length - 1);
    const toRow = known > shown.cursor.y ? `\x1b[${known - shown.cursor.y}B` : up(shown.cursor.y - known);
    // Erasing behind a row that fills the width would take its last cell, so a row is erased before it is written.
    const lines = rows.slice(known).map((row) => `\x1b[2K${row}`);
    const surplus = Math.max(0, shown.rows.length - rows.length);
    return `${toRow}\r${lines.join('\r\n')}${'\r\n\x1b[2K'.repeat(surplus)}${up(surplus)}`;
  }
}

function up(rows: number): string {
  return rows > 0 ? `\x1b[${rows}A` : '';
}

function moveCursor(from: { x: number; y: number }, to: { x: number; y: number }): string {
  const rows = to.y - from.y;
  const vertical = rows > 0 ? `\x1b[${rows}B` : up(-rows);
  return `${vertical}\r${to.x > 0 ? `\x1b[${to.x}C` : ''}`;
}
