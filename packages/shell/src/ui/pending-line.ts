import stringWidth from 'string-width';

/** What was typed and is not delivered; `echoes` when the terminal it was typed for would have shown it. */
export type PendingInput = { unsentInput: Uint8Array; echo: { readonly echoes: boolean } };

/** Characters of the end that are looked at: a longer paste fills no more than a line. */
const MOST_CHARACTERS = 1000;

/**
 * What is not delivered, as one line of `columns` cells shows it: controls as `^M`, cut at its beginning. Only how many keys
 * where the terminal would not show them. Empty when nothing is.
 */
export function pendingLine({ unsentInput, echo }: PendingInput, columns: number): string {
  const text = Buffer.from(unsentInput).toString('utf8');
  if (text === '') return '';
  if (!echo.echoes) return `${text.length} ${text.length === 1 ? 'key' : 'keys'}`;
  const shown = Array.from(text.slice(-MOST_CHARACTERS), visible);
  if (text.length > MOST_CHARACTERS) shown.unshift('…');
  return cutAtBeginning(shown, Math.max(1, columns));
}

/** A character as it can stand in a line: controls in caret notation, others that have no shape or turn the line by number. */
function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || code === 0x7f) return `^${String.fromCharCode(code ^ 0x40)}`;
  return /[\p{C}\p{Zl}\p{Zp}]/u.test(character) ? `<${code.toString(16)}>` : character;
}

function cutAtBeginning(shown: readonly string[], columns: number): string {
  const whole = shown.join('');
  if (stringWidth(whole) <= columns) return whole;
  let tail = '';
  for (const piece of shown.toReversed()) {
    if (stringWidth(`…${piece}${tail}`) > columns) break;
    tail = piece + tail;
  }
  return `…${tail}`;
}
