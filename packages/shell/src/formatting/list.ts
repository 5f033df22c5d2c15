import stringWidth from 'string-width';
import { padText, takeCells } from './fit-columns.ts';
import { valueLines } from './value-text.ts';

/** The least room for values beside the names; a narrower line is left to wrap. */
const MIN_ROOM = 10;

const segmenter = new Intl.Segmenter();

/** One line per property, names padded to the longest; what is longer than a line goes on under its value. */
export function formatList(
  properties: readonly { readonly name: string; readonly value: unknown }[],
  line: number,
): string {
  const width = properties.reduce((most, { name }) => Math.max(most, stringWidth(name)), 0);
  const room = line - width - 3;
  return properties
    .map(({ name, value }) => {
      const lines = valueLines(value).flatMap((text) => (room < MIN_ROOM ? [text] : wrap(text, room)));
      return lines
        .map((text, index) => (index === 0 ? `${padText(name, width, 'left')} : ` : ' '.repeat(width + 3)) + text)
        .map((text) => `${text.trimEnd()}\n`)
        .join('');
    })
    .join('');
}

function wrap(text: string, cells: number): string[] {
  if (stringWidth(text) <= cells) return [text];
  const pieces: string[] = [];
  let rest = Array.from(segmenter.segment(text), ({ segment }) => segment);
  while (rest.length > 0) {
    const piece = takeCells(rest, cells);
    pieces.push(piece.join(''));
    rest = rest.slice(piece.length);
  }
  return pieces;
}
