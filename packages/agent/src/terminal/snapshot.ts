import { BufferText, cellAt, penSequences } from './buffer-text.ts';
import type { Attributes, BufferState, Charset, Emulator } from './emulator.ts';
import type { ModeTracker } from './mode-tracker.ts';

const ABORT = '\x18\x1b\\';
/**
 * Brings a terminal in any state to its defaults, with an erased screen, without RIS (which would clear the history of
 * a person's terminal and may resize its window): aborts what is unfinished, leaves the alternate screen (whose
 * keyboard flags are its own), DECSTR, then each thing that DECSTR forgets somewhere.
 */
const RESET = [
  '\x1b[?1049l\x1b[!p\x1b[?2026l',
  '\x1b[4l\x1b[20l\x1b[?1l\x1b[?6l\x1b[?7h\x1b[?45l\x1b[?12l\x1b[?25h\x1b[?69l\x1b>\x1b[r',
  '\x1b[?9l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?2004l',
  '\x1b(B\x1b)B\x1b*B\x1b+B\x0f\x1b[m\x1b[0"q\x1b]8;;\x1b\\\x1b[0 q',
].join('');
const ERASE = '\x1b[H\x1b[2J';

type Buffer = Emulator['terminal']['buffer']['active'];

const MOUSE_MODES = { none: '', x10: '\x1b[?9h', vt200: '\x1b[?1000h', drag: '\x1b[?1002h', any: '\x1b[?1003h' };
const SHIFTS = ['\x0f', '\x0e', '\x1bn', '\x1bo'];
/** In the background's number: something stands in the extended attributes. */
const HAS_EXTENDED = 0x10000000;
const SHAPES = { block: 1, underline: 3, bar: 5 };

/**
 * Text after which any terminal of the emulator's size shows what the emulator shows and behaves like it: history,
 * both screens, saved cursors, margins, tab stops, character sets, pen, modes, and the cursor at its absolute place.
 */
export function snapshotText(emulator: Emulator, tracker: ModeTracker): string {
  const { normal, active } = emulator.terminal.buffer;
  const parts = [ABORT, leftAlternate(emulator, tracker), RESET, tracker.reset, ERASE];
  parts.push(new BufferText(emulator, normal).write(0));
  if (emulator.isAlternate) {
    const behind = emulator.state(normal);
    parts.push(savedCursor(emulator, behind, normal), tabStops(emulator, behind), margins(emulator, behind));
    parts.push(position(normal.cursorY, normal.cursorX), tracker.keyboard('normal'));
    // Not 1049, which would save this cursor over the saved one.
    parts.push('\x1b[?1047h', ERASE, new BufferText(emulator, active).write(0));
  }
  const state = emulator.state();
  parts.push(savedCursor(emulator, state, active), tabStops(emulator, state), margins(emulator, state));
  parts.push(
    cursor(emulator, state),
    charsets(emulator.charsets, emulator.charsetLevel),
    modes(emulator),
    tracker.text,
  );
  parts.push(tracker.keyboard(emulator.isAlternate ? 'alternate' : 'normal'));
  if (emulator.synchronizesOutput) parts.push('\x1b[?2026h');
  parts.push(lastPrinted(emulator, state));
  return parts.join('');
}

/** What the alternate screen keeps while it is not shown: its keyboard flags and its saved cursor. */
function leftAlternate(emulator: Emulator, tracker: ModeTracker): string {
  const { alternate } = emulator.terminal.buffer;
  const saved = savedCursor(emulator, emulator.state(alternate), alternate);
  return `\x1b[?1047h\x1b[!p\x1b[?6l\x1b[r${tracker.keyboard('alternate')}${saved}`;
}

/** DECSC keeps place, pen and character set; saved again with those it was saved with. */
function savedCursor(emulator: Emulator, state: BufferState, buffer: Buffer): string {
  const { savedX, savedY, ybase, savedCurAttrData, savedCharset } = state;
  const row = Math.max(savedY - ybase, 0);
  const place = savedX < emulator.terminal.cols ? position(row, savedX) : pendingWrap(emulator, buffer, row, row);
  const pen = penSequences(emulator, savedCurAttrData);
  return `${place}${pen}\x1b(${designator(savedCharset)}\x1b7\x1b(B\x1b[m\x1b[0"q\x1b]8;;\x1b\\`;
}

function tabStops(emulator: Emulator, state: BufferState): string {
  const columns = Object.keys(state.tabs).map(Number);
  const stops = columns.filter((column) => state.tabs[column] === true && column < emulator.terminal.cols);
  return `\x1b[3g${stops.map((column) => `\x1b[${column + 1}G\x1bH`).join('')}`;
}

function margins(emulator: Emulator, { scrollTop, scrollBottom }: BufferState): string {
  const isWhole = scrollTop === 0 && scrollBottom === emulator.terminal.rows - 1;
  return isWhole ? '\x1b[r' : `\x1b[${scrollTop + 1};${scrollBottom + 1}r`;
}

/** The cursor, absolute, also in origin mode and where the next character would wrap; then the pen. */
function cursor(emulator: Emulator, state: BufferState): string {
  const { cols, modes: kept } = emulator.terminal;
  const { active } = emulator.terminal.buffer;
  const { cursorX, cursorY } = active;
  const origin = kept.originMode ? '\x1b[?6h' : '';
  const row = kept.originMode ? Math.max(cursorY - state.scrollTop, 0) : cursorY;
  const wrap = cursorX < cols ? position(row, cursorX) : pendingWrap(emulator, active, cursorY, row);
  return origin + wrap + penSequences(emulator, emulator.pen);
}

/**
 * Only a printed character brings the cursor behind the last column: the one that is there is printed again.
 * @param y row on the screen; `row` is how the cursor gets there, which origin mode counts from the margin
 */
function pendingWrap(emulator: Emulator, buffer: Buffer, y: number, row: number): string {
  const { cols } = emulator.terminal;
  const line = buffer.getLine(buffer.baseY + y);
  const last = line && cellAt(line, cols - 1);
  const isWide = last?.getWidth() === 0;
  const cell = isWide && line !== undefined ? cellAt(line, cols - 2) : last;
  if (line === undefined || cell === undefined) return position(row, cols - 1);
  const place = position(row, isWide ? cols - 2 : cols - 1) + penSequences(emulator, cell);
  if (cell.getChars() !== '') return place + cell.getChars();
  // As where the alternate screen came up with the cursor of the main one: a blank, which goes again if it can.
  return `${place} ${line.translateToString(true) === '' ? '\x1b[2K' : ''}`;
}

/** The last character once more, in its place: what comes next may combine with it or repeat it. */
function lastPrinted(emulator: Emulator, state: BufferState): string {
  const { terminal, lastPrinted: width, pen } = emulator;
  const { active } = terminal.buffer;
  const line = active.getLine(active.baseY + active.cursorY);
  const column = active.cursorX - (width ?? 0);
  const cell = width === undefined || column < 0 ? undefined : line && cellAt(line, column);
  if (cell === undefined || cell.getWidth() !== width || cell.getChars() === '') return '';
  if (!looksAlike(emulator, cell, pen)) return '';
  const place = position(active.cursorY - (terminal.modes.originMode ? state.scrollTop : 0), column);
  return place + (terminal.modes.insertMode ? `\x1b[${width}P` : '') + cell.getChars();
}

/** A cell that is not underlined has no underline's colour, though the pen has. */
function looksAlike(emulator: Emulator, one: Attributes, other: Attributes): boolean {
  const isSameColor = (one.fg ^ other.fg) === 0 && ((one.bg ^ other.bg) & ~HAS_EXTENDED) === 0;
  const isSameLink = emulator.link(one)?.uri === emulator.link(other)?.uri;
  return isSameColor && isSameLink && one.getUnderlineStyle() === other.getUnderlineStyle();
}

function charsets(sets: readonly (Charset | undefined)[], level: number): string {
  const designations = ['(', ')', '*', '+'].map((opening, at) => `\x1b${opening}${designator(sets[at])}`);
  return designations.join('') + (SHIFTS[level] ?? '');
}

/** SCS final of a character set: line drawing, British, else ASCII. */
function designator(set: Charset | undefined): string {
  if (set?.['q'] === '─') return '0';
  return set?.['#'] === '£' && set['@'] === undefined ? 'A' : 'B';
}

function modes(emulator: Emulator): string {
  const { terminal } = emulator;
  const { shape, blinks } = emulator.cursorStyle;
  const style = shape === undefined ? 0 : SHAPES[shape] + (blinks === false ? 1 : 0);
  const set: [boolean, string][] = [
    [terminal.modes.insertMode, '\x1b[4h'],
    [terminal.options.convertEol === true, '\x1b[20h'],
    [terminal.modes.applicationCursorKeysMode, '\x1b[?1h'],
    [terminal.modes.applicationKeypadMode, '\x1b='],
    [!terminal.modes.wraparoundMode, '\x1b[?7l'],
    [terminal.modes.reverseWraparoundMode, '\x1b[?45h'],
    [terminal.modes.sendFocusMode, '\x1b[?1004h'],
    [terminal.modes.bracketedPasteMode, '\x1b[?2004h'],
    [style !== 0, `\x1b[${style} q`],
    [terminal.options.cursorBlink === true, '\x1b[?12h'],
    [emulator.cursorHidden, '\x1b[?25l'],
  ];
  const texts = set.filter(([isSet]) => isSet).map(([, text]) => text);
  return texts.join('') + MOUSE_MODES[terminal.modes.mouseTrackingMode];
}

function position(row: number, column: number): string {
  return `\x1b[${row + 1};${column + 1}H`;
}
