/** The text being edited, and the cursor as a UTF-16 index that never stands inside a grapheme. */
export type LineBuffer = { readonly text: string; readonly cursor: number };

export const EMPTY_LINE: LineBuffer = { text: '', cursor: 0 };

const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Graphemes are looked for this near the cursor only: a pasted 64 KiB is not segmented for each key. */
const NEARBY_UNITS = 64;

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** Index of the grapheme boundary before `index`. */
export function previousBoundary(text: string, index: number): number {
  if (index <= 1) return 0;
  if (text.charCodeAt(index - 1) < 0x80) return index - 1;
  let from = Math.max(0, index - NEARBY_UNITS);
  if (isLowSurrogate(text.charCodeAt(from))) from++;
  let last = from;
  for (const segment of segmenter.segment(text.slice(from, index))) last = from + segment.index;
  return last;
}

/** Index of the grapheme boundary after `index`. */
export function nextBoundary(text: string, index: number): number {
  if (index >= text.length - 1) return text.length;
  if (text.charCodeAt(index) < 0x80 && text.charCodeAt(index + 1) < 0x80) return index + 1;
  const [first] = segmenter.segment(text.slice(index, index + NEARBY_UNITS));
  return index + (first?.segment.length ?? 1);
}

/** True for what emacs and readline call part of a word. */
function isWordPart(character: string): boolean {
  return /[\p{L}\p{N}\p{M}]/u.test(character);
}

/** Start of the word before `index`, over what is no word. */
export function wordStart(text: string, index: number): number {
  let at = index;
  const step = (inWord: boolean): boolean => {
    const before = previousBoundary(text, at);
    if (at === 0 || isWordPart(text.slice(before, at)) !== inWord) return false;
    at = before;
    return true;
  };
  while (step(false));
  while (step(true));
  return at;
}

/** End of the word after `index`, over what is no word. */
export function wordEnd(text: string, index: number): number {
  let at = index;
  const step = (inWord: boolean): boolean => {
    const after = nextBoundary(text, at);
    if (at === text.length || isWordPart(text.slice(at, after)) !== inWord) return false;
    at = after;
    return true;
  };
  while (step(false));
  while (step(true));
  return at;
}

/** Start of the blank-delimited word before `index` (what the terminal driver's Ctrl-W takes). */
export function blankWordStart(text: string, index: number): number {
  return index - (/\S*\s*$/.exec(text.slice(0, index))?.[0].length ?? 0);
}

/** Start of the row (between newlines) that holds `index`. */
export function rowStart(text: string, index: number): number {
  return index === 0 ? 0 : text.lastIndexOf('\n', index - 1) + 1;
}

/** End of the row that holds `index`: its newline, or the end of the text. */
export function rowEnd(text: string, index: number): number {
  const newline = text.indexOf('\n', index);
  return newline === -1 ? text.length : newline;
}

/** Puts `inserted` at the cursor, which then stands behind it. */
export function insert(line: LineBuffer, inserted: string): LineBuffer {
  return {
    text: line.text.slice(0, line.cursor) + inserted + line.text.slice(line.cursor),
    cursor: line.cursor + inserted.length,
  };
}

/** Takes [from, to) out; the cursor stands where it was. */
export function remove(line: LineBuffer, from: number, to: number): LineBuffer {
  return { text: line.text.slice(0, from) + line.text.slice(to), cursor: from };
}

/** Swaps the grapheme before the cursor with the one at it (at the end: the last two), as Ctrl-T does. */
export function transpose(line: LineBuffer): LineBuffer {
  const { text } = line;
  const middle = line.cursor === text.length ? previousBoundary(text, line.cursor) : line.cursor;
  if (middle === 0 || text.length < 2) return line;
  const start = previousBoundary(text, middle);
  const end = nextBoundary(text, middle);
  return {
    text: text.slice(0, start) + text.slice(middle, end) + text.slice(start, middle) + text.slice(end),
    cursor: end,
  };
}

/** The same column one row up or down, or undefined when there is no such row. */
export function moveRow(line: LineBuffer, by: -1 | 1): LineBuffer | undefined {
  const start = rowStart(line.text, line.cursor);
  const end = rowEnd(line.text, line.cursor);
  if (by === -1 ? start === 0 : end === line.text.length) return undefined;
  const targetStart = by === -1 ? rowStart(line.text, start - 1) : end + 1;
  const targetEnd = rowEnd(line.text, targetStart);
  const target = Math.min(targetStart + (line.cursor - start), targetEnd);
  // The column counts code units; a target inside a grapheme falls back to its start.
  const boundary = target === targetEnd ? target : previousBoundary(line.text, nextBoundary(line.text, target));
  return { text: line.text, cursor: Math.max(targetStart, boundary) };
}
