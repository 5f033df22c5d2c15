import { contextAt, type Context } from '../language/context.ts';
import type { Runspace } from '../runtime/runspace.ts';
import { argumentValues } from './argument-values.ts';
import { commandNames } from './command-names.ts';
import { memberNamesAt } from './member-names.ts';
import { parameterNames } from './parameter-names.ts';
import { variableNames } from './variable-names.ts';

/** The shell's own completion: candidates for the word at byte `point`, since the last blank before it. */
export type ShellCompleter = {
  complete: (line: string, point: number, signal?: AbortSignal) => Promise<string[]>;
};

/**
 * Completes lines of either language: ours where the line is ours, and our commands besides the shell's where a command
 * stands. Candidates stand for the word since the last blank, as the shell's do.
 */
export class Completer implements ShellCompleter {
  readonly #runspace: Runspace;
  readonly #shell: ShellCompleter;

  constructor(runspace: Runspace, shell: ShellCompleter) {
    this.#runspace = runspace;
    this.#shell = shell;
  }

  async complete(line: string, point: number, signal?: AbortSignal): Promise<string[]> {
    const head = Buffer.from(line).toString('utf8', 0, point);
    const context = contextAt(head, head.length);
    const isFirst = context?.kind === 'command' && head.slice(0, context.from).trim() === '';
    if (context === undefined || !(isFirst || this.#runspace.owns(head)))
      return this.#shell.complete(line, point, signal);
    const own = await this.#own(context);
    const word = /\S*$/u.exec(head)?.[0] ?? '';
    const before = word.slice(0, Math.max(0, word.length - context.text.length));
    const ours = own.map((candidate) => before + candidate);
    const asksShell = own.length === 0 || (context.kind === 'command' && context.text !== '');
    // Nothing of the shell's is lost when it cannot say: it may run a command just now.
    const theirs = asksShell ? await this.#shell.complete(line, point, signal).catch(() => []) : [];
    return [...ours, ...theirs];
  }

  async #own(context: Context): Promise<string[]> {
    switch (context.kind) {
      case 'command':
        return commandNames(context.text, this.#runspace);
      case 'parameter':
        return parameterNames(context, this.#runspace.commands);
      case 'argument':
        return argumentValues(context, this.#runspace);
      case 'variable':
        return variableNames(context.text, this.#runspace.scope);
      case 'member':
        return memberNamesAt(context, this.#runspace.scope);
      default:
        return [];
    }
  }
}
