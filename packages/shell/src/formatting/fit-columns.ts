import stringWidth from 'string-width';

/** A column is not made narrower than this, in cells. */
const MIN_WIDTH = 5;

const segmenter = new Intl.Segmenter();

/**
 * Widths with which columns fit on a line, a blank between them: the widest give way first, and the last ones are left
 * out where all cannot be shown.
 * @param whole the columns that give way only where the others have no room
 */
export function fitColumns(widths: readonly number[], line: number, whole: readonly boolean[] = []): number[] {
  const rest = widths.filter((_, index) => whole[index] !== true);
  const left = line - sum(widths.filter((_, index) => whole[index] === true).map((width) => width + 1));
  if (rest.length === widths.length || left < sum(rest.map((width) => Math.min(width, MIN_WIDTH) + 1)) - 1)
    return fitAll(widths, line);
  const fitted = fitAll(rest, left);
  return widths.map((width, index) => (whole[index] === true ? width : (fitted.shift() ?? 0)));
}

function fitAll(widths: readonly number[], line: number): number[] {
  const isTooMuch = (some: readonly number[]): boolean =>
    sum(some.map((width) => Math.min(width, MIN_WIDTH))) + some.length - 1 > line;
  let shown = [...widths];
  while (shown.length > 1 && isTooMuch(shown)) shown = shown.slice(0, -1);
  const room = line - (shown.length - 1);
  if (sum(shown) <= room) return shown;
  const most = limitOf(shown, room);
  let left = room - sum(shown.map((width) => Math.min(width, most)));
  return shown.map((width) => (width <= most ? width : left-- > 0 ? most + 1 : most));
}

/** The width to which the wide ones are cut so that all have room. */
function limitOf(widths: readonly number[], room: number): number {
  let left = room;
  for (const [index, width] of widths.toSorted((a, b) => a - b).entries()) {
    const share = Math.floor(left / (widths.length - index));
    if (width > share) return Math.max(1, share);
    left -= width;
  }
  return room;
}

export type Align = 'left' | 'center' | 'right';

/** Text padded to so many cells. */
export function padText(text: string, width: number, align: Align): string {
  const free = Math.max(0, width - stringWidth(text));
  const before = align === 'left' ? 0 : align === 'right' ? free : Math.floor(free / 2);
  return ' '.repeat(before) + text + ' '.repeat(free - before);
}

/** Text in so many cells at most, cut with `…`: at its beginning where that is what stands to the left of the line. */
export function cutText(text: string, cells: number, align: Align): string {
  if (stringWidth(text) <= cells) return text;
  const characters = Array.from(segmenter.segment(text), ({ segment }) => segment);
  if (align !== 'right') return `${takeCells(characters, cells - 1).join('')}…`;
  return `…${takeCells(characters.toReversed(), cells - 1)
    .toReversed()
    .join('')}`;
}

/** As many characters as fit in so many cells. */
export function takeCells(characters: readonly string[], cells: number): string[] {
  let used = 0;
  const end = characters.findIndex((character) => (used += stringWidth(character)) > cells);
  return end < 0 ? [...characters] : characters.slice(0, end);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
