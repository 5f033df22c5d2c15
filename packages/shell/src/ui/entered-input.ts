import type { Runspace } from '../runtime/runspace.ts';
import { firstPart, type InputPart } from './input-part.ts';
import type { SessionPlace } from './session-place.ts';
import type { ShellNames } from './shell-names.ts';

/**
 * What was entered at once and has not run yet. Its statements run one after the other, and each is told whose it is when
 * its turn comes: what ran before it may have defined a function, or entered a session.
 */
export class EnteredInput {
  readonly #runspace: Runspace;
  readonly #names: ShellNames;
  #rest = '';

  constructor(runspace: Runspace, names: ShellNames) {
    this.#runspace = runspace;
    this.#names = names;
  }

  put(text: string): void {
    this.#rest = text;
  }

  /**
   * Takes the next statement, for the prompt of a place; undefined when all had their turn. What stands behind a statement
   * may use names that it gave the shell.
   */
  async next({ local, lastStatus }: Pick<SessionPlace, 'local' | 'lastStatus'>): Promise<InputPart | undefined> {
    const isOpen = this.#rest.trim() !== '';
    if (local && isOpen) this.#names.ask(lastStatus);
    await this.#names.settled();
    if (!isOpen) return undefined;
    const part = firstPart(this.#rest, this.#runspace);
    this.#rest = this.#rest.slice(part.to);
    return part;
  }

  /** Takes all that is left. */
  take(): string {
    const rest = this.#rest;
    this.#rest = '';
    return rest;
  }

  /** Lets the rest go. @returns what to say of it; nothing when there was none */
  drop(): string {
    const lines = this.#rest.split('\n').filter((line) => line.trim() !== '').length;
    this.#rest = '';
    if (lines === 0) return '';
    return lines === 1 ? '1 more line was not run\n' : `${lines} more lines were not run\n`;
  }
}

/** What follows one of these in the same input is meant for the prompt that it leads to. */
const CHANGES_PROMPT: ReadonlySet<string | undefined> = new Set(['Enter-PSSession', 'Exit-PSSession']);

/** Whether a statement of ours is to lead to another prompt. */
export function changesPrompt(text: string, runspace: Pick<Runspace, 'commands' | 'tokens'>): boolean {
  const { commands } = runspace;
  return runspace.tokens(text).some(({ from, to }) => CHANGES_PROMPT.has(commands.find(text.slice(from, to))));
}
