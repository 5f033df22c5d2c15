import { contextAt, type Context } from '../language/context.ts';
import type { Runspace } from '../runtime/runspace.ts';
import { argumentValues, type ArgumentValues } from './argument-values.ts';
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

/** What is known of ours for a place. */
type Own = { readonly candidates: readonly string[]; readonly maybeFile: boolean; readonly asksShell: boolean };

const NOTHING: Own = { candidates: [], maybeFile: false, asksShell: true };

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
    const own = context === undefined ? NOTHING : await this.#own(context, head);
    if (context === undefined || !this.#isOurs(head, context, own.candidates))
      return { candidates: await this.#shell.complete(line, point, signal) };
    if (own.candidates.length === 0 && own.maybeFile) return this.#files(head, context, signal);
    const ours = sinceBlank(head, context, own.candidates);
    // Nothing of the shell's is lost when it cannot say: it may run a command just now.
    const theirs = own.asksShell ? await this.#shell.complete(line, point, signal).catch(() => []) : [];
    return { candidates: [...ours, ...theirs] };
  }

  /** Whether the line is ours, or will be once what is being typed stands there: a cmdlet behind a `|`, a member. */
  #isOurs(head: string, { kind, from }: Context, candidates: readonly string[]): boolean {
    const before = head.slice(0, from);
    if ((kind === 'command' && before.trim() === '') || this.#runspace.owns(head)) return true;
    if (kind === 'member') return this.#runspace.owns(`${before}x`);
    return kind === 'command' && candidates.some((candidate) => this.#runspace.owns(before + candidate));
  }

  async #own(context: Context, head: string): Promise<Own> {
    const values = await this.#values(context, head);
    if (values !== undefined) return { candidates: values.values, maybeFile: values.maybePath, asksShell: false };
    const candidates = await this.#names(context);
    const isCommand = context.kind === 'command' && context.text !== '';
    return { candidates, maybeFile: this.#mayBeFile(context), asksShell: candidates.length === 0 || isCommand };
  }

  /** What stands for a command of ours is ours alone; undefined elsewhere. */
  async #values(context: Context, head: string): Promise<ArgumentValues | undefined> {
    if (context.kind === 'argument') return argumentValues(context, head.slice(0, context.from), this.#runspace);
    const isOwn = context.kind === 'parameter' && this.#runspace.commands.find(context.command ?? '') !== undefined;
    return isOwn ? { values: await parameterNames(context, this.#runspace.commands), maybePath: false } : undefined;
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

  async #names(context: Context): Promise<readonly string[]> {
    switch (context.kind) {
      case 'command':
        return commandNames(context.text, this.#runspace);
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
