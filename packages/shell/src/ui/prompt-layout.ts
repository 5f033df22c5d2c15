import stringWidth from 'string-width';
import type { Runspace } from '../runtime/runspace.ts';

/** What a stretch of the typed text is, for its colour. */
export type TextKind = 'text' | TextToken['kind'];

/** A stretch of the typed text that is not plain, in UTF-16 units. */
export type TextToken = ReturnType<Runspace['tokens']>[number];

/** A stretch of a row in one style. */
export type Span = { kind: 'prompt' | 'control' | TextKind; text: string };

/** Rows of at most the terminal's width, and the cell of the cursor in them. */
export type PromptLayout = { rows: Span[][]; cursor: { x: number; y: number } };

export type PromptText = {
  prompt: string;
  text: string;
  /** UTF-16 index in `text`. */
  cursor: number;
  /** What is not plain in `text`, in order and apart from each other. */
  tokens?: readonly TextToken[];
};

/** What stands before the second and further lines of one command, on the screen and in the scrollback. */
export const CONTINUATION_PROMPT = '> ';

const TAB_COLUMNS = 8;
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const PLAIN = /[\x20-\x7e]+/y;
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x1f\x7f]/y;
// oxlint-disable-next-line no-control-regex
const WIDE = /[^\x00-\x7f]+/y;

/** Fills rows cell by cell. */
class RowFiller {
  readonly rows: Span[][] = [[]];
  readonly #columns: number;
  x = 0;

  constructor(columns: number) {
    this.#columns = columns;
  }

  get room(): number {
    return this.#columns - this.x;
  }

  newRow(): void {
    this.rows.push([]);
    this.x = 0;
  }

  put(kind: Span['kind'], text: string, width: number): void {
    if (width > this.room) this.newRow();
    const row = this.rows.at(-1) ?? [];
    const last = row.at(-1);
    if (last?.kind === kind) last.text += text;
    else row.push({ kind, text });
    this.x += width;
  }

  /** Plain letters, as many to a row as fit. */
  putPlain(kind: Span['kind'], text: string): void {
    for (let from = 0; from < text.length;) {
      if (this.room <= 0) this.newRow();
      const part = text.slice(from, from + this.room);
      this.put(kind, part, part.length);
      from += part.length;
    }
  }
}

/** One line editor's text as rows: wrapped at cells and not at words, controls made visible, the cursor found. */
class Layouter {
  readonly #filler: RowFiller;
  readonly #cursorAt: number;
  #cursor: { x: number; y: number } | undefined;

  constructor(columns: number, cursorAt: number) {
    this.#filler = new RowFiller(columns);
    this.#cursorAt = cursorAt;
  }

  /** @param base index of `text` in the edited text; the prompt has none */
  add(kind: 'prompt' | TextKind, text: string, base?: number): void {
    let at = 0;
    while (at < text.length) {
      const offset = base === undefined ? undefined : base + at;
      at += this.#addRun(kind, text, at, offset);
    }
  }

  finish(): PromptLayout {
    this.#markCursor();
    return { rows: this.#filler.rows, cursor: this.#cursor ?? { x: 0, y: 0 } };
  }

  #addRun(kind: 'prompt' | TextKind, text: string, at: number, offset: number | undefined): number {
    const match = (pattern: RegExp): string | undefined => {
      pattern.lastIndex = at;
      return pattern.exec(text)?.[0];
    };
    const plain = match(PLAIN);
    if (plain !== undefined) {
      const split = offset === undefined ? 0 : Math.min(Math.max(0, this.#cursorAt - offset), plain.length);
      this.#filler.putPlain(kind, plain.slice(0, split));
      if (offset !== undefined && this.#cursorAt < offset + plain.length) this.#markAt(offset + split);
      this.#filler.putPlain(kind, plain.slice(split));
      return plain.length;
    }
    const control = match(CONTROL);
    if (control !== undefined) {
      this.#markAt(offset);
      this.#addControl(control);
      return control.length;
    }
    const wide = match(WIDE) ?? text.slice(at);
    for (const { segment, index } of segmenter.segment(wide)) {
      this.#markAt(offset === undefined ? undefined : offset + index);
      this.#filler.put(kind, segment, stringWidth(segment));
    }
    return wide.length;
  }

  #addControl(character: string): void {
    if (character === '\n') {
      this.#filler.newRow();
      this.#filler.put('prompt', CONTINUATION_PROMPT, CONTINUATION_PROMPT.length);
    } else if (character === '\t') {
      const width = Math.min(TAB_COLUMNS - (this.#filler.x % TAB_COLUMNS), Math.max(1, this.#filler.room));
      this.#filler.put('text', ' '.repeat(width), width);
    } else {
      this.#filler.put('control', `^${String.fromCharCode(character.charCodeAt(0) ^ 0x40)}`, 2);
    }
  }

  #markAt(offset: number | undefined): void {
    if (offset === this.#cursorAt) this.#markCursor();
  }

  /** A cursor behind a full row stands at the start of the next, where the next letter will. */
  #markCursor(): void {
    if (this.#cursor !== undefined) return;
    if (this.#filler.room <= 0) this.#filler.newRow();
    this.#cursor = { x: this.#filler.x, y: this.#filler.rows.length - 1 };
  }
}

/** Lays out a prompt and the text behind it; at most `maxRows` rows, those around the cursor. */
export function layoutPrompt(
  { prompt, text, cursor, tokens = [] }: PromptText,
  columns: number,
  maxRows: number,
): PromptLayout {
  const layouter = new Layouter(columns, cursor);
  layouter.add('prompt', prompt);
  for (const { from, to, kind } of pieces(text, tokens)) layouter.add(kind, text.slice(from, to), from);
  const layout = layouter.finish();
  const first = Math.max(0, Math.min(layout.cursor.y - Math.floor(maxRows / 2), layout.rows.length - maxRows));
  if (layout.rows.length <= maxRows) return layout;
  return {
    rows: layout.rows.slice(first, first + maxRows),
    cursor: { x: layout.cursor.x, y: layout.cursor.y - first },
  };
}

/** The whole text in pieces of one kind each. */
export function pieces(text: string, tokens: readonly TextToken[]): { from: number; to: number; kind: TextKind }[] {
  const found: { from: number; to: number; kind: TextKind }[] = [];
  let at = 0;
  for (const token of tokens) {
    if (token.from < at || token.to > text.length) continue;
    if (token.from > at) found.push({ from: at, to: token.from, kind: 'text' });
    found.push(token);
    at = token.to;
  }
  if (at < text.length) found.push({ from: at, to: text.length, kind: 'text' });
  return found;
}
