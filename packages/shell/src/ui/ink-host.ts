import { RemotingError } from '@holdfast/protocol';
import type { History } from '../editing/history.ts';
import type { Key } from '../editing/key-decoder.ts';
import type { PSSession } from '../client/ps-session.ts';
import type { WatchedSession } from '../client/watched-session.ts';
import { chosenIndex, readChoices } from '../runtime/choices.ts';
import type { Host, LentTerminal, Question, TerminalBorrower } from '../runtime/host.ts';
import type { KeyInput } from './key-input.ts';
import { lendTerminal, type LenderParts } from './lend-terminal.ts';
import type { PromptScreen } from './prompt-screen.ts';
import type { QuestionModel } from './question.tsx';

/** What the host asks of the prompt that it is part of. */
export type HostParts = LenderParts & {
  sessionPrompt: string;
  screen: PromptScreen;
  keys: KeyInput;
  history: Pick<History, 'entries'>;
  entered: () => PSSession | undefined;
  enter: (session: PSSession, options: { temporary: boolean }) => Promise<void>;
  leave: () => Promise<void>;
  watch: (session: PSSession, watched: WatchedSession) => Promise<void>;
  /** A prompt of its own, while what asked waits. */
  suspend: () => Promise<void>;
};

/** The runtime's host on a terminal with a prompt: results above it, questions in its place. */
export class InkHost implements Host {
  readonly interactive = true;
  readonly canEnter = true;
  readonly #parts: HostParts;

  constructor(parts: HostParts) {
    this.#parts = parts;
  }

  get columns(): number {
    return this.#parts.screen.columns;
  }

  get rows(): number {
    return this.#parts.screen.rows;
  }

  get history(): readonly string[] {
    return this.#parts.history.entries;
  }

  get entered(): PSSession | undefined {
    return this.#parts.entered();
  }

  get sessionPrompt(): string {
    return this.#parts.sessionPrompt;
  }

  lendTerminal(borrower: TerminalBorrower): LentTerminal {
    return lendTerminal(this.#parts, borrower);
  }

  write(text: string): void {
    this.#parts.screen.print(text);
  }

  writeError(text: string): void {
    this.#parts.screen.print(text);
  }

  enter(session: PSSession, options: { temporary: boolean }): Promise<void> {
    return this.#parts.enter(session, options);
  }

  leave(): Promise<void> {
    return this.#parts.leave();
  }

  watch(session: PSSession, watched: WatchedSession): Promise<void> {
    return this.#parts.watch(session, watched);
  }

  /**
   * A choice's key or label and Enter; Enter alone is the default. What is no choice is asked again, and `?` says what each
   * is. The Enter belongs to the answer: it is not to answer the next question. @throws RemotingError OperationStopped
   */
  async confirm(question: Question, signal: AbortSignal): Promise<number> {
    const choices = readChoices(question);
    const model = { caption: question.caption, text: question.text, prompt: choices.prompt };
    for (;;) {
      const typed = await this.#typedAnswer(model, signal, (text) => text);
      this.#leaveTrace(model, typed);
      const index = chosenIndex(typed, choices, question.default);
      if (index !== undefined) return index;
      if (typed.trim() === '?') this.write(choices.help);
    }
  }

  /** @throws RemotingError OperationStopped on Ctrl-C, Ctrl-D or an abort */
  async readSecret(prompt: string, signal: AbortSignal): Promise<string> {
    const model = { text: '', prompt };
    const answer = await this.#typedAnswer(model, signal, () => '');
    this.#leaveTrace(model, '');
    return answer;
  }

  suspend(): Promise<void> {
    return this.#parts.suspend();
  }

  /** A line as an answer. @param shown what is seen of it while it is typed */
  #typedAnswer(model: QuestionModel, signal: AbortSignal, shown: (text: string) => string): Promise<string> {
    let text = '';
    return this.#ask(model, signal, (key) => {
      if (key.type !== 'key') text += key.text;
      else if (key.name === 'enter') return text;
      else if (key.name === 'backspace' || key.name === 'C-h') text = text.slice(0, -1);
      else if (key.name === 'C-u') text = '';
      const question = { ...model, prompt: model.prompt + shown(text) };
      this.#parts.screen.show({ kind: 'question', question });
      return undefined;
    });
  }

  /** Shows a question until `take` makes an answer of a key. */
  #ask<T>(question: QuestionModel, signal: AbortSignal, take: (key: Key) => T | undefined): Promise<T> {
    const { screen, keys, interrupt, afterQuestion } = this.#parts;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const stop = (): void => reject(new RemotingError('OperationStopped', 'The question was not answered'));
    screen.show({ kind: 'question', question });
    keys.start({
      onKey: (key) => {
        if (key.type === 'key' && (key.name === 'C-c' || key.name === 'C-d')) {
          stop();
          interrupt();
          return 'stop';
        }
        const answer = take(key);
        if (answer === undefined) return 'more';
        resolve(answer);
        return 'stop';
      },
    });
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    return promise.finally(() => {
      signal.removeEventListener('abort', stop);
      keys.stop();
      screen.hide();
      afterQuestion();
    });
  }

  #leaveTrace({ caption, text, prompt }: QuestionModel, answer: string): void {
    const head = [caption, text].filter((line) => line !== undefined && line !== '').map((line) => `${line}\n`);
    this.#parts.screen.print(`${head.join('')}${prompt}${answer}\n`);
  }
}
