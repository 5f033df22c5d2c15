import type { IBuffer, IBufferLine } from '@xterm/headless';
import { isCell, type Attributes, type Cell, type Emulator } from './emulator.ts';
import { rendition } from './rendition.ts';

const PLAIN = '\x1b[m';
const NO_LINK = '\x1b]8;;\x1b\\';

/**
 * Text that writes rows of a terminal buffer onto an erased screen of the same size, from its top left corner on:
 * characters, renditions, coloured gaps, protected cells, hyperlinks and wrapped lines. Afterwards the pen is at its
 * default and the cursor somewhere.
 */
export class BufferText {
  readonly #emulator: Emulator;
  readonly #buffer: IBuffer;
  #text = '';
  #pen = PLAIN;
  /** What the pen was made from, to compare quickly. */
  #last: { fg: number; bg: number; ext: number; urlId: number } | undefined;
  #link = '';
  #isProtected = false;
  /** Empty cells in the default rendition that were not written yet. */
  #gap = 0;

  constructor(emulator: Emulator, buffer: IBuffer) {
    this.#emulator = emulator;
    this.#buffer = buffer;
  }

  /** Rows from `first` up to the end of the buffer. */
  write(first: number): string {
    for (let row = first; row < this.#buffer.length; row += 1) {
      const line = this.#buffer.getLine(row);
      if (line === undefined) break;
      const next = row + 1 < this.#buffer.length ? this.#buffer.getLine(row + 1) : undefined;
      this.#writeLine(line, row > first && line.isWrapped);
      if (next?.isWrapped === true) this.#wrap(line, next);
      else if (next !== undefined) this.#breakLine();
    }
    this.#usePlainPen();
    return this.#text;
  }

  #writeLine(line: IBufferLine, isWrapped: boolean): void {
    this.#gap = 0;
    // A row of the alternate screen stays as long as it was when the terminal gets narrower.
    const end = Math.min(line.length, this.#emulator.terminal.cols);
    for (let column = isWrapped ? this.#firstWritten(line) : 0; column < end;) {
      const cell = cellAt(line, column);
      if (cell === undefined) return;
      if (column + cell.getWidth() <= end) this.#writeCell(cell);
      column += Math.max(cell.getWidth(), 1);
    }
  }

  /** #wrap() has written the first character already. */
  #firstWritten(line: IBufferLine): number {
    return Math.max(cellAt(line, 0)?.getWidth() ?? 1, 1);
  }

  #writeCell(cell: Cell): void {
    const characters = cell.getChars();
    if (characters === '' && cell.isBgDefault()) {
      this.#gap += 1;
      return;
    }
    if (this.#gap > 0) this.#text += `\x1b[${this.#gap}C`;
    this.#gap = 0;
    this.#usePen(cell);
    // Erasing fills with the background; the cursor stays where it is.
    this.#text += characters === '' ? '\x1b[X\x1b[C' : characters;
  }

  /** Goes on in the next row as text that was too long does, so that the terminal knows both as one line. */
  #wrap(line: IBufferLine, next: IBufferLine): void {
    const first = cellAt(next, 0);
    const isFull = isFilled(line, next);
    if (!isFull) {
      this.#usePlainPen();
      this.#text += `\x1b[${line.length}G `;
    }
    const characters = first?.getChars() ?? '';
    if (first !== undefined && characters !== '') this.#usePen(first);
    else this.#usePlainPen();
    this.#text += characters === '' ? ' ' : characters;
    // A row that scrolls in takes the background of the pen.
    const isColored = this.#pen !== PLAIN;
    this.#usePlainPen();
    if (isColored) this.#text += '\x1b[K';
    if (!isFull) this.#emptyLast(line, this.#firstWritten(next));
    if (characters === '' && first !== undefined) this.#emptyFirst(first);
  }

  /** Undoes the blank at the end of the row above, and comes back behind the first character. */
  #emptyLast(line: IBufferLine, width: number): void {
    const last = cellAt(line, line.length - 1);
    this.#text += `\x1b[A\x1b[${line.length}G`;
    if (last !== undefined && !last.isBgDefault()) this.#usePen(last);
    this.#text += '\x1b[X';
    this.#usePlainPen();
    this.#text += `\x1b[B\x1b[${width + 1}G`;
  }

  #emptyFirst(cell: Cell): void {
    this.#text += '\r';
    if (!cell.isBgDefault()) this.#usePen(cell);
    this.#text += '\x1b[X\x1b[C';
    this.#usePlainPen();
  }

  #breakLine(): void {
    this.#usePlainPen();
    this.#text += '\r\n';
  }

  #usePen(cell: Attributes): void {
    const { fg, bg, extended } = cell;
    const last = this.#last;
    if (last?.fg === fg && last.bg === bg && last.ext === extended.ext && last.urlId === extended.urlId) return;
    this.#last = { fg, bg, ext: extended.ext, urlId: extended.urlId };
    const pen = rendition(cell);
    const isProtected = cell.isProtected() !== 0;
    // SGR 0 ends the protection in xterm.js, though not elsewhere.
    const mayEnd = isProtected || this.#isProtected;
    if (pen !== this.#pen || isProtected !== this.#isProtected)
      this.#text += pen + (mayEnd ? protection(isProtected) : '');
    this.#pen = pen;
    this.#isProtected = isProtected;
    const link = hyperlink(this.#emulator, cell);
    if (link !== this.#link) this.#text += link === '' ? NO_LINK : link;
    this.#link = link;
  }

  #usePlainPen(): void {
    if (this.#isProtected) this.#text += protection(false);
    if (this.#pen !== PLAIN) this.#text += PLAIN;
    if (this.#link !== '') this.#text += NO_LINK;
    this.#pen = PLAIN;
    this.#last = undefined;
    this.#isProtected = false;
    this.#link = '';
  }
}

/** Whether text that is written up to the end of `line` wraps into `next` by itself. */
function isFilled(line: IBufferLine, next: IBufferLine): boolean {
  const last = cellAt(line, line.length - 1);
  if (last === undefined || last.getChars() !== '' || last.getWidth() === 0) return true;
  const before = cellAt(line, line.length - 2);
  const isWide = (cellAt(next, 0)?.getWidth() ?? 1) > 1;
  return isWide && last.isBgDefault() && before !== undefined && before.getChars() !== '';
}

/** The sequences for everything about the pen but its place: rendition, protection, hyperlink, set from any state. */
export function penSequences(emulator: Emulator, pen: Attributes): string {
  return rendition(pen) + protection(pen.isProtected() !== 0) + (hyperlink(emulator, pen) || NO_LINK);
}

/** DECSCA. */
function protection(isProtected: boolean): string {
  return isProtected ? '\x1b[1"q' : '\x1b[0"q';
}

function hyperlink(emulator: Emulator, attributes: Attributes): string {
  const link = emulator.link(attributes);
  if (link === undefined) return '';
  return `\x1b]8;${link.id === undefined ? '' : `id=${link.id}`};${link.uri}\x1b\\`;
}

/** The cell at a place, as this version of the emulator makes them. */
export function cellAt(line: IBufferLine, column: number): Cell | undefined {
  const cell = line.getCell(column);
  return cell !== undefined && isCell(cell) ? cell : undefined;
}
