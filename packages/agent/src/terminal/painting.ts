import type { IBufferLine } from '@xterm/headless';
import { cellAt } from './buffer-text.ts';
import type { Cell, Emulator } from './emulator.ts';
import { rendition } from './rendition.ts';

export type Size = { readonly columns: number; readonly rows: number };
/** The cell of the screen that stands in the top left corner. */
export type Corner = { readonly left: number; readonly top: number };

/** A screen as it looks on a terminal of another size: its rows, each for an erased one, and what puts the cursor in its place. */
export type Painting = { readonly corner: Corner; readonly rows: readonly string[]; readonly cursor: string };

const PLAIN = '\x1b[m';
const EDGE = '\x1b[0;2m';
const SHAPES = { block: 1, underline: 3, bar: 5 };

/**
 * Paints the screen for a terminal of `size`. What does not fit is cut off, around the cursor, no further away from
 * `corner` than it must; where the screen is smaller it has an edge. Characters and their looks only: nothing in it sets a
 * mode, asks, rings or wraps.
 */
export function paint(emulator: Emulator, size: Size, corner: Corner): Painting {
  const { cols, rows: height, buffer } = emulator.terminal;
  const { cursorX, cursorY, baseY } = buffer.active;
  const left = follow(corner.left, Math.min(cursorX, cols - 1), size.columns, cols);
  const top = follow(corner.top, cursorY, size.rows, height);
  const columns = Math.min(size.columns, cols - left);
  const rows = Array.from({ length: size.rows }, (_, at) => {
    if (top + at >= height) return top + at === height ? bottomEdge(columns, size) : '';
    const line = buffer.active.getLine(baseY + top + at);
    const text = line === undefined ? '' : rowText(line, left, columns);
    return columns < size.columns ? `${text}\x1b[${columns + 1}G${EDGE}│${PLAIN}` : text;
  });
  const place = `\x1b[${cursorY - top + 1};${Math.min(cursorX, cols - 1) - left + 1}H`;
  return { corner: { left, top }, rows, cursor: place + cursorLook(emulator) };
}

/** Where a window of `length` out of `whole` begins, so that `at` is in it. */
function follow(start: number, at: number, length: number, whole: number): number {
  const most = Math.max(0, whole - length);
  return Math.min(most, Math.max(Math.min(start, at), at - length + 1));
}

function rowText(line: IBufferLine, left: number, columns: number): string {
  const end = left + columns;
  let text = '';
  let pen = PLAIN;
  let gap = 0;
  for (let column = left; column < end;) {
    const cell = cellAt(line, column);
    if (cell === undefined) break;
    const width = cell.getWidth();
    // Half of a wide character stands on each side of a cut.
    const characters = width === 0 || column + width > end ? ' ' : cell.getChars();
    column += Math.max(1, width);
    if (characters === '' && isBlank(cell)) {
      gap += 1;
      continue;
    }
    if (gap > 0) text += `\x1b[${gap}C`;
    gap = 0;
    const next = rendition(cell);
    text += (next === pen ? '' : next) + (characters === '' ? ' ' : characters);
    pen = next;
  }
  return pen === PLAIN ? text : text + PLAIN;
}

function isBlank(cell: Cell): boolean {
  return cell.isBgDefault() && cell.isInverse() === 0;
}

function bottomEdge(columns: number, size: Size): string {
  return `${EDGE}${'─'.repeat(columns)}${columns < size.columns ? '┘' : ''}${PLAIN}`;
}

function cursorLook({ cursorHidden, cursorStyle }: Emulator): string {
  if (cursorHidden) return '\x1b[?25l';
  const { shape, blinks } = cursorStyle;
  return `\x1b[${shape === undefined ? 0 : SHAPES[shape] + (blinks === false ? 1 : 0)} q\x1b[?25h`;
}
