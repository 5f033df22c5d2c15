import { type Edit, applyEdit } from './edit-commands.ts';
import { HistoryWalk } from './history-walk.ts';
import type { Key } from './key-decoder.ts';
import { EMACS_KEYMAP, type EditCommand, type Keymap } from './keymap.ts';
import { KillRing } from './kill-ring.ts';
import { EMPTY_LINE, type LineBuffer, insert, remove } from './line-buffer.ts';
import { ReverseSearch, type SearchState } from './reverse-search.ts';

/** What a key means to whoever reads the line; `edited` and `ignored` concern the editor alone. */
export type EditOutcome = 'accepted' | 'interrupted' | 'ended' | 'clear-screen' | 'complete' | 'edited' | 'ignored';

/** How many steps Ctrl-_ goes back. */
const MAX_UNDO = 500;

/** Commands after which a kill is joined to the one before it. */
const KILLS: ReadonlySet<string> = new Set<EditCommand>([
  'kill-line',
  'kill-word',
  'backward-kill-word',
  'unix-word-rubout',
  'unix-line-discard',
]);

/** How many history lines a command goes; beyond the ends is the end. */
const HISTORY_STEPS: Partial<Record<EditCommand, number>> = {
  'previous-row-or-history': -1,
  'previous-history': -1,
  'next-row-or-history': 1,
  'next-history': 1,
  'beginning-of-history': -Infinity,
  'end-of-history': Infinity,
};

/**
 * The line editor as data: keys in, text and cursor out. It draws nothing and reads nothing; history and kill ring are
 * given to it because they outlive a line.
 */
export class LineEditor {
  readonly #history: { readonly entries: readonly string[] };
  readonly #killRing: KillRing;
  readonly #keymap: Keymap;
  #line: LineBuffer = EMPTY_LINE;
  #undo: LineBuffer[] = [];
  #walk: HistoryWalk | undefined;
  #search: ReverseSearch | undefined;
  #last: EditCommand | 'type' | undefined;
  #yankedFrom = 0;
  #argument: { back: number; from: number } | undefined;

  constructor(options: { history: { readonly entries: readonly string[] }; killRing?: KillRing; keymap?: Keymap }) {
    this.#history = options.history;
    this.#killRing = options.killRing ?? new KillRing();
    this.#keymap = options.keymap ?? EMACS_KEYMAP;
  }

  get line(): LineBuffer {
    return this.#line;
  }

  /** The running Ctrl-R search, or undefined. */
  get search(): SearchState | undefined {
    return this.#search?.state;
  }

  /** Begins a new line; `text` is typed ahead, the cursor stands behind it. */
  start(text = ''): void {
    this.#line = { text, cursor: text.length };
    this.#undo = [];
    this.#walk = undefined;
    this.#search = undefined;
    this.#last = undefined;
  }

  /** Replaces [from, cursor), as a completion does; undo takes it back. */
  replace(from: number, text: string): void {
    this.#change(insert(remove(this.#line, from, this.#line.cursor), text));
    this.#last = undefined;
  }

  /** Goes on in a new row at the end of the text. */
  addRow(): void {
    const text = `${this.#line.text}\n`;
    this.#change({ text, cursor: text.length });
    this.#last = undefined;
  }

  /** Takes one key. */
  handle(key: Key): EditOutcome {
    if (key.type === 'key') return this.#command(this.#keymap[key.name], key.name);
    if (this.#search !== undefined && key.type === 'text') {
      this.#search.type(key.text);
      return 'edited';
    }
    this.#endSearch();
    this.#type(key.text, key.type === 'text');
    return 'edited';
  }

  #type(text: string, joined: boolean): void {
    // A run of typed letters is undone in one step, up to the end of a word.
    if (joined && this.#last === 'type' && !text.startsWith(' ')) this.#line = insert(this.#line, text);
    else this.#change(insert(this.#line, text));
    this.#last = joined ? 'type' : undefined;
  }

  #command(command: EditCommand | undefined, name: string): EditOutcome {
    if (this.#search !== undefined && this.#searchCommand(command, name)) return 'edited';
    if (command === undefined) return 'ignored';
    const outcome = this.#outcomeCommand(command) ?? (this.#edit(command) ? 'edited' : 'ignored');
    this.#last = command;
    return outcome;
  }

  /** Commands that concern the reader of the line. */
  #outcomeCommand(command: EditCommand): EditOutcome | undefined {
    switch (command) {
      case 'accept-line':
        return 'accepted';
      case 'interrupt':
        return 'interrupted';
      case 'clear-screen':
      case 'complete':
        return command;
      case 'delete-char-or-end':
        if (this.#line.text === '') return 'ended';
        return this.#edit('delete-char') ? 'edited' : 'ignored';
      default:
        return undefined;
    }
  }

  #edit(command: EditCommand): boolean {
    const edit = applyEdit(command, this.#line);
    if (edit !== undefined && this.#apply(edit)) return true;
    const step = HISTORY_STEPS[command];
    if (step !== undefined) return this.#recall(step);
    switch (command) {
      case 'reverse-search':
        this.#search = new ReverseSearch(this.#history.entries);
        return true;
      case 'undo':
        return this.#undoOnce();
      case 'yank':
        return this.#yank(this.#line.cursor, this.#killRing.yank());
      case 'yank-pop':
        return (
          (this.#last === 'yank' || this.#last === 'yank-pop') && this.#yank(this.#yankedFrom, this.#killRing.rotate())
        );
      case 'yank-last-argument':
        return this.#yankLastArgument();
      default:
        return false;
    }
  }

  #apply({ line, killed }: Edit): boolean {
    if (killed !== undefined) this.#killRing.kill(killed.text, KILLS.has(this.#last ?? '') ? killed.side : undefined);
    return this.#change(line);
  }

  #change(line: LineBuffer): boolean {
    if (line.text === this.#line.text && line.cursor === this.#line.cursor) return false;
    if (line.text !== this.#line.text) {
      this.#undo.push(this.#line);
      if (this.#undo.length > MAX_UNDO) this.#undo.shift();
    }
    this.#line = line;
    return true;
  }

  #undoOnce(): boolean {
    const before = this.#undo.pop();
    if (before === undefined) return false;
    this.#line = before;
    return true;
  }

  #recall(by: number): boolean {
    this.#walk ??= new HistoryWalk(this.#history.entries);
    const text = this.#walk.move(by, this.#line.text);
    if (text === undefined) return false;
    return this.#change({ text, cursor: text.length });
  }

  #yank(from: number, text: string | undefined): boolean {
    if (text === undefined) return false;
    this.#change(insert(remove(this.#line, from, this.#line.cursor), text));
    this.#yankedFrom = from;
    return true;
  }

  /** The last word of the last line; again, of the one before it, in its place. */
  #yankLastArgument(): boolean {
    const again = this.#last === 'yank-last-argument' ? this.#argument : undefined;
    const back = (again?.back ?? 0) + 1;
    const word = /\S+\s*$/.exec(this.#history.entries.at(-back) ?? '')?.[0].trim();
    if (word === undefined) return false;
    const from = again?.from ?? this.#line.cursor;
    this.#change(insert(remove(this.#line, from, this.#line.cursor), word));
    this.#argument = { back, from };
    return true;
  }

  /** @returns true when the key was the search's; else the search has ended with the line it found, and the key counts */
  #searchCommand(command: EditCommand | undefined, name: string): boolean {
    switch (command) {
      case 'reverse-search':
        this.#search?.older();
        return true;
      case 'backward-delete-char':
        this.#search?.erase();
        return true;
      case 'abort':
      case 'interrupt':
        this.#search = undefined;
        return true;
      default:
        this.#endSearch();
        // Escape only ends the search.
        return name === 'escape';
    }
  }

  #endSearch(): void {
    const state = this.#search?.state;
    this.#search = undefined;
    if (state?.found === undefined) return;
    const at = Math.max(0, state.found.lastIndexOf(state.query));
    this.#change({ text: state.found, cursor: at });
    this.#last = undefined;
  }
}
