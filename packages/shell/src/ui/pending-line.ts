import stringWidth from 'string-width';

/**
 * What was entered at the prompt and then typed, and is not delivered; `echoes` when the terminal it was typed for would have
 * shown it.
 */
export type PendingInput = {
  readonly unsentLines: readonly string[];
  readonly unsentInput: Uint8Array;
  readonly echo: { readonly echoes: boolean };
};

/** Characters of the end that are looked at: a longer paste fills no more than a line. */
const MOST_CHARACTERS = 1000;

/**
 * What is not delivered, as one line of `columns` cells shows it: controls as `^M`, cut at its beginning. Only how many keys
 * where the terminal would not show them. Empty when nothing is.
 */
export function pendingLine(pending: PendingInput, columns: number): string {
  const { text: typed, hidden } = typedText(pending);
  const text = `${pending.unsentLines.map((line) => `${line}\r`).join('')}${typed}`;
  const shown = Array.from(text.slice(-MOST_CHARACTERS), visible);
  if (hidden !== undefined) shown.push(text === '' ? hidden : ` ${hidden}`);
  if (text.length > MOST_CHARACTERS) shown.unshift('…');
  return cutAtBeginning(shown, Math.max(1, columns));
}

/** Lines that are named; of the others it is said how many there are. */
const MOST_LINES = 10;

/**
 * What will never be delivered, line by line behind `title`, in lines of `columns` cells: only how many keys where the
 * terminal would not have shown them. Empty when there is nothing.
 */
export function lostLines(title: string, lost: PendingInput, columns: number): string {
  const { text, hidden } = typedText(lost);
  const lines = [...lost.unsentLines, text].flatMap((entered) => entered.split(/\r\n?|\n/u));
  const named = lines.filter((line) => line.trim() !== '');
  if (hidden !== undefined) named.push(hidden);
  const [only] = named;
  if (only === undefined) return '';
  if (named.length === 1) return `${title}: ${cutAtEnd(only, columns - title.length - 2)}\n`;
  const more = named.length - MOST_LINES;
  const rows = named.slice(0, MOST_LINES).map((line) => `  ${cutAtEnd(line, columns - 2)}`);
  if (more > 0) rows.push(`  … and ${more} more ${more === 1 ? 'line' : 'lines'}`);
  return `${title}:\n${rows.join('\n')}\n`;
}

/** What was typed, or only how much where that is not to be shown. */
function typedText({ unsentInput, echo }: PendingInput): { text: string; hidden?: string } {
  const text = Buffer.from(unsentInput).toString('utf8');
  if (echo.echoes || text === '') return { text };
  return { text: '', hidden: `${text.length} ${text.length === 1 ? 'key' : 'keys'}` };
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

function cutAtEnd(line: string, columns: number): string {
  const shown = Array.from(line.slice(0, MOST_CHARACTERS), visible);
  if (line.length <= MOST_CHARACTERS && stringWidth(shown.join('')) <= columns) return shown.join('');
  let head = '';
  for (const piece of shown) {
    if (stringWidth(`${head}${piece}…`) > columns) break;
    head += piece;
  }
  return `${head}…`;
}
