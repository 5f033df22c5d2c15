import type { ModeTracker } from './mode-tracker.ts';

/** Modes that no prompt wants: application keys, reverse video, mouse in all its forms, focus, paste, synchronized output. */
const UNWANTED_MODES: readonly number[] = [
  1, 5, 6, 9, 12, 45, 66, 69, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1015, 1016, 2004, 2026, 2027, 2031, 2048,
];
/** Ending it homes the cursor of the screen that is shown. */
const ORIGIN = 6;
/** Modes that a prompt needs: wrapping and the cursor. */
const NEEDED_MODES: readonly number[] = [7, 25];

/** Colours, character sets, keypad, cursor shape, insert and newline mode; margins between save and restore, since DECSTBM homes the cursor. */
const SOFT_RESET = '\x1b[0m\x1b(B\x1b)B\x1b*B\x1b+B\x0f\x1b[0"q\x1b[4l\x1b[20l\x1b>\x1b[0 q\x1b7\x1b[r\x1b8';

/** Sets the title aside, before programs change it; and brings it back. */
export const PUSH_TITLE = '\x1b[22;2t';
export const POP_TITLE = '\x1b[23;2t';

/**
 * What to write when a program has ended or is left, to make the terminal fit for a prompt: what it left on is switched
 * off, its alternate screen left. Empty when it sent nothing but text.
 */
export function resetSequence(modes: ModeTracker, columns: number): string {
  if (!modes.sawControls) return '';
  const { traces } = modes;
  const isOn = (mode: number): boolean => modes.modesOn.has(mode) && !(mode === ORIGIN && modes.alternateScreen);
  const off = UNWANTED_MODES.filter(isOn).map((mode) => `\x1b[?${mode}l`);
  const on = NEEDED_MODES.filter((mode) => modes.modesOff.has(mode)).map((mode) => `\x1b[?${mode}h`);
  const otherKeys = modes.otherKeys ? '\x1b[>4m' : '';
  // CAN ends a sequence that was cut off.
  const cut = modes.between ? '' : '\x18';
  return (
    cut +
    alternateReset(modes) +
    popKeyboard(traces.keyboardPushes('normal')) +
    otherKeys +
    off.join('') +
    SOFT_RESET +
    on.join('') +
    traces.undo(columns)
  );
}

/** Whether the reset sequence leaves the cursor at the top of the screen, wherever the program's text ended. */
export function resetHomes(modes: ModeTracker): boolean {
  return modes.modesOn.has(ORIGIN) && !modes.alternateScreen;
}

/** Its margins, origin mode and keyboard flags go before it is left; flags that were left there need it once more. */
function alternateReset({ mayBeAlternate, alternateScreen, modesOn, traces }: ModeTracker): string {
  const pushes = traces.keyboardPushes('alternate');
  if (!mayBeAlternate) return pushes > 0 ? `\x1b[?1047h${popKeyboard(pushes)}\x1b[?1047l` : '';
  const origin = alternateScreen && modesOn.has(ORIGIN) ? `\x1b[?${ORIGIN}l` : '';
  return `${popKeyboard(pushes)}${origin}${SOFT_RESET}\x1b[?1049l`;
}

function popKeyboard(pushes: number): string {
  return pushes > 0 ? `\x1b[<${pushes}u` : '';
}

/**
 * Everything at once, for a terminal of unknown state that is given back in a hurry. Not by 1049, which in tmux brings the
 * cursor to where the last full-screen program began, also where no alternate screen is shown.
 */
export function fullReset(): string {
  const off = UNWANTED_MODES.filter((mode) => mode !== ORIGIN).map((mode) => `\x1b[?${mode}l`);
  return `${off.join('')}${SOFT_RESET}\x1b[?1047l${SOFT_RESET}${NEEDED_MODES.map((mode) => `\x1b[?${mode}h`).join('')}`;
}

/**
 * Brings the cursor to the start of a line whatever the output ended with, as zsh does (PROMPT_SP): a mark and as many
 * blanks as leave it on this line only if it was at its start; the mark stays where a newline is missing.
 */
export function freshLine(columns: number): string {
  return `\x1b[7m%\x1b[0m${' '.repeat(Math.max(0, columns - 1))}\r\x1b[K`;
}
