import type { Completer } from '../completion/completer.ts';
import type { LineEditor } from '../editing/line-editor.ts';
import stringWidth from 'string-width';
import type { TypedText } from './input-part.ts';

/** What a line is completed with. */
type CompletionParts = {
  readonly completer: Pick<Completer, 'complete'>;
  readonly screen: { readonly columns: number };
  readonly typed: TypedText;
  readonly signal: AbortSignal;
};

/** At most so many candidates are listed. */
const MAX_LISTED = 200;

/**
 * Completes the word before the cursor with the shell's own completion: as far as the candidates agree. @returns a list
 * of them, if they agree no further than what stands there already
 */
export async function completeLine(
  editor: LineEditor,
  { completer, screen, typed, signal }: CompletionParts,
): Promise<string | undefined> {
  const { text, cursor } = editor.line;
  const head = headAt(text.slice(0, cursor), typed);
  const found = await completer.complete(head, Buffer.byteLength(head), signal);
  const candidates = [...new Set(found.candidates)].toSorted();
  if (editor.line.text !== text || editor.line.cursor !== cursor || candidates.length === 0) return undefined;
  const common = candidates.reduce(commonStart);
  const from = cursor - (found.from === undefined ? overlap(head, common, candidates) : head.length - found.from);
  const [only, second] = candidates;
  if (only !== undefined && second === undefined) {
    editor.replace(from, /[/ =(]$/.test(only) ? only : `${only} `);
    return undefined;
  }
  // The same with its quotes is more, too.
  if (found.from === undefined ? common.length > cursor - from : common !== text.slice(from, cursor) && common !== '') {
    editor.replace(from, common);
    return undefined;
  }
  const shown = found.from === undefined ? candidates : candidates.map((name) => name.replaceAll(/^'|'$/gu, ''));
  return inColumns(shown, screen.columns);
}

/** What is completed: the line up to the cursor, or the statement, if it is ours. */
function headAt(before: string, typed: TypedText): string {
  const statement = typed.parts(before).at(-1);
  return before.slice(statement?.isOurs === true ? statement.from : before.lastIndexOf('\n') + 1);
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return a.slice(0, length);
}

/** How much before the cursor the candidates replace: the longest end of the line that they all begin with. */
function overlap(head: string, common: string, candidates: readonly string[]): number {
  const word = /(?:\\.|[^\s\\])*$/.exec(head)?.[0] ?? '';
  for (let length = word.length; length > 0; length--) {
    const end = word.slice(word.length - length);
    if (common.startsWith(end) || candidates.every((candidate) => startsLike(candidate, end))) return length;
  }
  return 0;
}

/** Names of ours are completed in any case. */
function startsLike(candidate: string, start: string): boolean {
  return candidate.slice(0, start.length).toLowerCase() === start.toLowerCase();
}

function inColumns(candidates: readonly string[], columns: number): string {
  const names = candidates.slice(0, MAX_LISTED).map((name) => name.trimEnd().replace(/^.*\/(?=[^/])/, ''));
  const width = Math.max(...names.map((name) => stringWidth(name))) + 2;
  const perRow = Math.max(1, Math.floor(columns / width));
  const rows: string[] = [];
  for (let at = 0; at < names.length; at += perRow) {
    rows.push(
      names
        .slice(at, at + perRow)
        .map((name) => name + ' '.repeat(width - stringWidth(name)))
        .join('')
        .trimEnd(),
    );
  }
  if (candidates.length > MAX_LISTED) rows.push(`… and ${candidates.length - MAX_LISTED} more`);
  return `${rows.join('\n')}\n`;
}
