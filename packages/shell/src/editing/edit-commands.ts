import type { EditCommand } from './keymap.ts';
import {
  type LineBuffer,
  blankWordStart,
  insert,
  moveRow,
  nextBoundary,
  previousBoundary,
  remove,
  rowEnd,
  rowStart,
  transpose,
  wordEnd,
  wordStart,
} from './line-buffer.ts';

/** What a command makes of a line: the new line, and what it cut out for the kill ring. */
export type Edit = { line: LineBuffer; killed?: { text: string; side: 'before' | 'after' } };

function moveTo(line: LineBuffer, cursor: number): Edit {
  return { line: { text: line.text, cursor } };
}

function killBefore(line: LineBuffer, from: number): Edit {
  return {
    line: remove(line, from, line.cursor),
    killed: { text: line.text.slice(from, line.cursor), side: 'before' },
  };
}

function killAfter(line: LineBuffer, to: number): Edit {
  return { line: remove(line, line.cursor, to), killed: { text: line.text.slice(line.cursor, to), side: 'after' } };
}

/** Kills to the end of the row; at its end, the newline itself, as emacs does. */
function killRow(line: LineBuffer): Edit {
  const end = rowEnd(line.text, line.cursor);
  return killAfter(line, end === line.cursor ? Math.min(end + 1, line.text.length) : end);
}

function changeWord(line: LineBuffer, change: (word: string) => string): Edit {
  const end = wordEnd(line.text, line.cursor);
  return { line: insert(remove(line, line.cursor, end), change(line.text.slice(line.cursor, end))) };
}

function capitalize(word: string): string {
  const start = word.search(/[\p{L}\p{N}]/u);
  if (start === -1) return word;
  const end = nextBoundary(word, start);
  return word.slice(0, start) + word.slice(start, end).toUpperCase() + word.slice(end).toLowerCase();
}

/** The commands that need nothing but the line. Rows that do not exist leave it as it is. */
const EDITS: Partial<Record<EditCommand, (line: LineBuffer) => Edit>> = {
  'backward-char': (line) => moveTo(line, previousBoundary(line.text, line.cursor)),
  'forward-char': (line) => moveTo(line, nextBoundary(line.text, line.cursor)),
  'backward-word': (line) => moveTo(line, wordStart(line.text, line.cursor)),
  'forward-word': (line) => moveTo(line, wordEnd(line.text, line.cursor)),
  'beginning-of-line': (line) => moveTo(line, rowStart(line.text, line.cursor)),
  'end-of-line': (line) => moveTo(line, rowEnd(line.text, line.cursor)),
  'backward-delete-char': (line) => ({ line: remove(line, previousBoundary(line.text, line.cursor), line.cursor) }),
  'delete-char': (line) => ({ line: remove(line, line.cursor, nextBoundary(line.text, line.cursor)) }),
  'kill-line': killRow,
  'kill-word': (line) => killAfter(line, wordEnd(line.text, line.cursor)),
  'backward-kill-word': (line) => killBefore(line, wordStart(line.text, line.cursor)),
  'unix-word-rubout': (line) => killBefore(line, blankWordStart(line.text, line.cursor)),
  'unix-line-discard': (line) => killBefore(line, rowStart(line.text, line.cursor)),
  'transpose-chars': (line) => ({ line: transpose(line) }),
  'upcase-word': (line) => changeWord(line, (word) => word.toUpperCase()),
  'downcase-word': (line) => changeWord(line, (word) => word.toLowerCase()),
  'capitalize-word': (line) => changeWord(line, capitalize),
  'insert-newline': (line) => ({ line: insert(line, '\n') }),
  'insert-space': (line) => ({ line: insert(line, ' ') }),
  'previous-row-or-history': (line) => ({ line: moveRow(line, -1) ?? line }),
  'next-row-or-history': (line) => ({ line: moveRow(line, 1) ?? line }),
};

/** Applies a command that needs nothing but the line; undefined for one that needs more. */
export function applyEdit(command: EditCommand, line: LineBuffer): Edit | undefined {
  return EDITS[command]?.(line);
}
