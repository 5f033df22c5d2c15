import type { ModeTracker } from './mode-tracker.ts';

/** Modes that no prompt wants: application cursor keys, mouse in all its forms, focus, paste, synchronized output. */
const UNWANTED_MODES: readonly number[] = [
  1, 6, 9, 66, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 2026, 2031,
];
/** Modes that a prompt needs: wrapping and the cursor. */
const NEEDED_MODES: readonly number[] = [7, 25];

/** Colours, character sets, keypad, cursor shape, insert mode; margins between save and restore, since DECSTBM homes the cursor. */
const SOFT_RESET = '\x1b[0m\x1b(B\x0f\x1b[4l\x1b>\x1b[0 q\x1b7\x1b[r\x1b8';

/**
 * What to write when a program has ended or is left, to make the terminal fit for a prompt: what it left on is switched
 * off, its alternate screen left. Empty when it sent nothing but text.
 */
export function resetSequence(modes: ModeTracker): string {
  if (!modes.sawControls) return '';
  const off = UNWANTED_MODES.filter((mode) => modes.modesOn.has(mode)).map((mode) => `\x1b[?${mode}l`);
  const on = NEEDED_MODES.filter((mode) => modes.modesOff.has(mode)).map((mode) => `\x1b[?${mode}h`);
  const keyboard =
    (modes.keyboardPushes > 0 ? `\x1b[<${modes.keyboardPushes}u` : '') + (modes.otherKeys ? '\x1b[>4m' : '');
  // CAN ends a sequence that was cut off; margins of the alternate screen go before it is left.
  const cut = modes.between ? '' : '\x18';
  const screen = modes.alternateScreen ? `${SOFT_RESET}\x1b[?1049l` : '';
  return cut + keyboard + off.join('') + screen + SOFT_RESET + on.join('');
}

/** Everything at once, for a terminal of unknown state that is given back in a hurry. */
export function fullReset(): string {
  const off = UNWANTED_MODES.filter((mode) => mode !== 6).map((mode) => `\x1b[?${mode}l`);
  return off.join('') + SOFT_RESET + NEEDED_MODES.map((mode) => `\x1b[?${mode}h`).join('');
}

/**
 * Brings the cursor to the start of a line whatever the output ended with, as zsh does (PROMPT_SP): a mark and as many
 * blanks as leave it on this line only if it was at its start; the mark stays where a newline is missing.
 */
export function freshLine(columns: number): string {
  return `\x1b[7m%\x1b[0m${' '.repeat(Math.max(0, columns - 1))}\r\x1b[K`;
}
