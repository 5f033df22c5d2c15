import { contextAt, type Context } from '../language/context.ts';
import type { Runspace } from '../runtime/runspace.ts';
import { argumentValues } from './argument-values.ts';
import { commandNames } from './command-names.ts';
import { nameOfCandidate, nameOfWord, toOurWords, toShellWord } from './file-words.ts';
import { memberNamesAt } from './member-names.ts';
import { parameterNames } from './parameter-names.ts';
import { variableNames } from './variable-names.ts';

/** The shell's own completion: candidates for the word at byte `point`, since the last blank before it. */
export type ShellCompleter = {
  complete: (line: string, point: number, signal?: AbortSignal) => Promise<string[]>;
};

/** Candidates, and where the word begins that they replace; without that they stand for the word since the last blank. */
export type Completions = { readonly candidates: readonly string[]; readonly from?: number };

/** Blocks of these are of the shell of the host that they are sent to. */
const SENDS_BLOCKS: ReadonlySet<string | undefined> = new Set(['Invoke-Command']);

/**
 * Completes lines of either language: ours where the line is ours, and our commands besides the shell's where a command
 * stands. Files in a line of ours are quoted as our language reads them back.
 */
export class Completer {
  readonly #runspace: Runspace;
  readonly #shell: ShellCompleter;

  constructor(runspace: Runspace, shell: ShellCompleter) {
    this.#runspace = runspace;
    this.#shell = shell;
  }

  async complete(line: string, point: number, signal?: AbortSignal): Promise<Completions> {
    const head = Buffer.from(line).toString('utf8', 0, point);
    const context = contextAt(head, head.length);
    const isFirst = context?.kind === 'command' && head.slice(0, context.from).trim() === '';
    if (context === undefined || !(isFirst || this.#runspace.owns(head)))
      return { candidates: await this.#shell.complete(line, point, signal) };
    const own = await this.#own(context);
    if (own.length === 0 && this.#mayBeFile(context)) return this.#files(head, context, signal);
    const ours = sinceBlank(head, context, own);
    const asksShell = own.length === 0 || (context.kind === 'command' && context.text !== '');
    // Nothing of the shell's is lost when it cannot say: it may run a command just now.
    const theirs = asksShell ? await this.#shell.complete(line, point, signal).catch(() => []) : [];
    return { candidates: [...ours, ...theirs] };
  }

  /** A word in quotes is no command. */
  #mayBeFile({ kind, text, within }: Context): boolean {
    if (within.some((name) => name !== undefined && SENDS_BLOCKS.has(this.#runspace.commands.find(name)))) return false;
    return kind === 'argument' || kind === 'file' || (kind === 'command' && /^['"]/u.test(text));
  }

  /** The shell is asked for its own word for what stands here, and its answers are put into ours. */
  async #files(head: string, { from, text }: Context, signal?: AbortSignal): Promise<Completions> {
    const word = nameOfWord(text);
    const line = word === undefined ? head : `${head.slice(0, from)} ${toShellWord(word.name)}`;
    const candidates = await this.#shell.complete(line, Buffer.byteLength(line), signal).catch(() => []);
    if (word === undefined) return { candidates };
    return { candidates: toOurWords(candidates.map(nameOfCandidate), word.isQuoted), from };
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
        return variableNames(context.text, await this.#variables(context.text));
      case 'member':
        return memberNamesAt(context, this.#runspace.scope);
      default:
        return [];
    }
  }

  async #variables(text: string): Promise<readonly string[]> {
    if (!/^\$\{?env:/iu.test(text)) return this.#runspace.scope.names;
    const environment = await this.#runspace.environment();
    return [...environment.keys()].map((name) => `env:${name}`);
  }
}

/** Candidates for what is typed as such for the word since the last blank, as the shell's are. */
function sinceBlank(head: string, { text }: Context, own: readonly string[]): string[] {
  const word = /\S*$/u.exec(head)?.[0] ?? '';
  const before = word.slice(0, Math.max(0, word.length - text.length));
  return own.map((candidate) => before + candidate);
}
