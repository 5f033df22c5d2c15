import type { IBuffer } from '@xterm/headless';
import { cellAt, penSequences } from '../terminal/buffer-text.ts';
import { Emulator, type Cell } from '../terminal/emulator.ts';
import { ModeTracker } from '../terminal/mode-tracker.ts';

/** A terminal as a person has it, with all that can be told of its state. */
export class Viewer {
  readonly emulator: Emulator;
  readonly #tracker: ModeTracker;
  /** What the terminal typed by itself: answers to questions. */
  typed = '';
  /** Bells, clipboard writes and notifications that it was given. */
  readonly noise: string[] = [];

  constructor(columns: number, rows: number, scrollback: number) {
    this.emulator = new Emulator(columns, rows, scrollback);
    this.#tracker = new ModeTracker(this.emulator, (reply) => (this.typed += reply));
    const { terminal } = this.emulator;
    terminal.onData((reply) => (this.typed += reply));
    terminal.onBell(() => this.noise.push('bell'));
    for (const code of [9, 52, 99, 777]) {
      terminal.parser.registerOscHandler(code, (text) => this.noise.push(`${code};${text}`) > 0);
    }
  }

  show(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.emulator.terminal.write(bytes, resolve));
  }

  /** All but what is written on it: what must be as before when a program is left. */
  get modes(): Record<string, unknown> {
    const { emulator } = this;
    const { terminal } = emulator;
    const { scrollTop, scrollBottom, tabs } = emulator.state();
    return {
      isAlternate: emulator.isAlternate,
      pen: penSequences(emulator, emulator.pen),
      margins: [scrollTop, scrollBottom],
      tabs: Object.keys(tabs).filter((column) => tabs[Number(column)] === true && Number(column) < terminal.cols),
      charsets: [emulator.charsetLevel, emulator.charsets.map(charset)],
      modes: terminal.modes,
      newLine: terminal.options.convertEol,
      cursorLook: [emulator.cursorHidden, emulator.cursorStyle.shape ?? 'block', terminal.options.cursorBlink],
      mouseEncoding: emulator.mouseEncoding,
      tracked: [this.#tracker.text, this.#tracker.keyboard('normal'), this.#tracker.keyboard('alternate')],
    };
  }

  /** @param history how many lines above the screen to tell of */
  state(history: number): Record<string, unknown> {
    const { emulator } = this;
    const { normal, active } = emulator.terminal.buffer;
    const { savedX, savedY, ybase, savedCurAttrData, savedCharset } = emulator.state();
    return {
      normal: rowTexts(emulator, normal, normal.baseY - history),
      // A terminal that was made smaller may keep rows above it, which nobody sees.
      alternate: emulator.isAlternate ? rowTexts(emulator, active, active.baseY) : undefined,
      cursor: [active.cursorX, active.cursorY],
      behind: emulator.isAlternate ? normal.cursorY : undefined,
      saved: [savedX, Math.max(savedY - ybase, 0), penSequences(emulator, savedCurAttrData), charset(savedCharset)],
      ...this.modes,
    };
  }

  get history(): number {
    return this.emulator.terminal.buffer.normal.baseY;
  }
}

function charset(set: Readonly<Record<string, string>> | undefined): string {
  return set?.['q'] ?? (set?.['#'] === '£' ? 'British' : 'ASCII');
}

/** Characters, pens and wraps of the rows from `start` on. */
export function rowTexts(emulator: Emulator, buffer: IBuffer, start: number): string[] {
  return Array.from({ length: buffer.length - start }, (_, at) => {
    const line = buffer.getLine(start + at);
    const columns = Array.from(
      { length: Math.min(line?.length ?? 0, emulator.terminal.cols) },
      (_none, column) => column,
    );
    const cells = columns.map((column) => line && cellAt(line, column)).filter((cell) => cell !== undefined);
    let pen = '';
    const texts = cells.map((cell, column) => {
      // The right half of a wide character; without the left one it is an empty cell.
      if (cell.getWidth() === 0 && cells[column - 1]?.getWidth() === 2) return '';
      // A row that got narrower may end with the left half alone, which no terminal can show.
      const isLast = column === cells.length - 1;
      const { seen, characters } = isLast && cell.getWidth() === 2 ? NOTHING : look(emulator, cell, isLast);
      return (seen === pen ? '' : `{${(pen = seen)}}`) + characters;
    });
    return (at > 0 && line?.isWrapped === true ? '↪' : '') + texts.join('');
  });
}

/** An empty cell without a colour. */
const NOTHING = { seen: '-1', characters: '·' };

/**
 * Of an empty cell only the background is seen; the same of a blank in the last column, where one may have to be written
 * so that the cursor stands behind it.
 */
function look(emulator: Emulator, cell: Cell, isLast: boolean): { seen: string; characters: string } {
  const characters = cell.getChars();
  const isBlank = isLast && characters === ' ' && !cell.isInverse() && !cell.isUnderline() && !cell.isStrikethrough();
  if (characters !== '' && !isBlank) return { seen: penSequences(emulator, cell), characters };
  return { seen: String(cell.getBgColorMode() + cell.getBgColor()), characters: '·' };
}
