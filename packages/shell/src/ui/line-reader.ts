import type { History } from '../editing/history.ts';
import type { Key } from '../editing/key-decoder.ts';
import { KillRing } from '../editing/kill-ring.ts';
import { LineEditor } from '../editing/line-editor.ts';
import type { KeyInput } from './key-input.ts';
import { CONTINUATION_PROMPT, layoutPrompt, pieces, type TextToken } from './prompt-layout.ts';
import type { PromptScreen } from './prompt-screen.ts';
import { coloured } from './text-colours.ts';

/**
 * What came of reading a line: the line, Ctrl-D on an empty one, the key of the local menu, or it was called off, with what
 * to leave on the screen of the text that stood there.
 */
export type LineResult =
  | { kind: 'line'; text: string }
  | { kind: 'end' }
  | { kind: 'menu' }
  | { kind: 'cancelled'; shown: string | undefined };

export type ReadLineOptions = {
  prompt: string;
  /** True for a text that wants another line. */
  isIncomplete: (text: string) => boolean;
  /** What is not plain in the text, for its colours. */
  tokens?: (text: string) => readonly TextToken[];
  /** Replaces what stands before the cursor by more of it; resolves with lines to show, if there is a choice. */
  complete?: ((editor: LineEditor) => Promise<string | undefined>) | undefined;
  /** The line that the menu interrupted goes on, instead of a new one. */
  goOn?: boolean;
  signal: AbortSignal;
};

/** Reads one line at the prompt, with editing. The frame stays until the caller hides it, so that a line is sent first. */
export class LineReader {
  readonly #screen: PromptScreen;
  readonly #keys: KeyInput;
  readonly #menuKey: string;
  readonly #editor: LineEditor;
  #options: ReadLineOptions | undefined;
  #resolve: ((result: LineResult) => void) | undefined;

  /** @param parts.menuKey name of the key that opens the local menu, as `C-]` */
  constructor(parts: { screen: PromptScreen; keys: KeyInput; history: History; menuKey: string }) {
    this.#screen = parts.screen;
    this.#keys = parts.keys;
    this.#menuKey = parts.menuKey;
    this.#editor = new LineEditor({ history: parts.history, killRing: new KillRing() });
  }

  /** What stands in the scrollback for a line that was entered: as it looked while it was typed. */
  static committed(prompt: string, text: string, tokens: readonly TextToken[] = []): string {
    const continued = `\n${coloured('prompt', CONTINUATION_PROMPT)}`;
    const shown = pieces(text, tokens).map(({ from, to, kind }) =>
      text
        .slice(from, to)
        .split('\n')
        .map((row) => coloured(kind, row))
        .join(continued),
    );
    return coloured('prompt', prompt) + shown.join('');
  }

  read(options: ReadLineOptions): Promise<LineResult> {
    const { promise, resolve } = Promise.withResolvers<LineResult>();
    const cancel = (): void => void this.#finish({ kind: 'cancelled', shown: this.#shownText() });
    this.#options = options;
    this.#resolve = (result) => {
      options.signal.removeEventListener('abort', cancel);
      resolve(result);
    };
    if (options.goOn !== true) this.#editor.start();
    this.draw();
    this.#keys.start({ onKey: this.#onKey, onIdle: () => this.draw() });
    options.signal.addEventListener('abort', cancel, { once: true });
    if (options.signal.aborted) cancel();
    return promise;
  }

  /** Shows the line as it is, for the width there is. */
  draw(): void {
    if (this.#options === undefined || this.#resolve === undefined) return;
    const { search, line } = this.#editor;
    const { columns, rows } = this.#screen;
    // One row is left for the line about the link.
    const maxRows = Math.max(1, rows - 1);
    const text =
      search === undefined
        ? { prompt: this.#options.prompt, ...line, tokens: this.#options.tokens?.(line.text) ?? [] }
        : {
            prompt: `(${search.failed ? 'failed ' : ''}reverse-i-search)\`${search.query}': `,
            text: search.found ?? '',
            cursor: Math.max(0, search.found?.lastIndexOf(search.query) ?? 0),
          };
    this.#screen.show({ kind: 'prompt', layout: layoutPrompt(text, columns, maxRows) });
  }

  readonly #onKey = (key: Key): 'more' | 'stop' => {
    if (key.type === 'key' && key.name === this.#menuKey) return this.#finish({ kind: 'menu' });
    switch (this.#editor.handle(key)) {
      case 'accepted':
        return this.#accept();
      case 'interrupted':
        this.#startAgain();
        return 'more';
      case 'ended':
        return this.#finish({ kind: 'end' });
      case 'clear-screen':
        this.#screen.clear();
        return 'more';
      case 'complete':
        void this.#complete();
        return 'more';
      default:
        return 'more';
    }
  };

  #accept(): 'more' | 'stop' {
    const { text } = this.#editor.line;
    if (this.#options?.isIncomplete(text) !== true) return this.#finish({ kind: 'line', text });
    this.#editor.addRow();
    return 'more';
  }

  #startAgain(): void {
    const shown = LineReader.committed(this.#options?.prompt ?? '', this.#editor.line.text);
    this.#screen.hide(`${shown}^C`);
    this.#editor.start();
  }

  #shownText(): string | undefined {
    const { text } = this.#editor.line;
    return text === '' ? undefined : LineReader.committed(this.#options?.prompt ?? '', text);
  }

  async #complete(): Promise<void> {
    const options = this.#options;
    const before = this.#editor.line;
    try {
      const choice = await options?.complete?.(this.#editor);
      if (this.#options !== options || this.#resolve === undefined) return;
      if (choice !== undefined && this.#editor.line === before) this.#screen.print(choice);
      this.draw();
    } catch {
      // A shell that cannot complete now (busy, link lost) leaves the line as it is.
    }
  }

  #finish(result: LineResult): 'stop' {
    const resolve = this.#resolve;
    this.#resolve = undefined;
    this.#keys.stop();
    resolve?.(result);
    return 'stop';
  }
}
