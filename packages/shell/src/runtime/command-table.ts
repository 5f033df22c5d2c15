import { ALIASES } from './aliases.ts';
import { isCmdlet, type Cmdlet } from './cmdlet.ts';
import { cmdletModules } from './cmdlet-modules.ts';
import { ErrorRecord } from './error-record.ts';
import { nearestCommand } from './nearest-command.ts';

/** Our commands by name and alias; a cmdlet's code is loaded when it is first used. */
export class CommandTable {
  readonly #modules: Readonly<Record<string, () => Promise<unknown>>>;
  readonly #names = new Map<string, string>();
  #shellNames: ReadonlySet<string> = new Set();
  readonly #loaded = new Map<string, Promise<Cmdlet>>();

  constructor(modules: Readonly<Record<string, () => Promise<unknown>>> = cmdletModules) {
    this.#modules = modules;
    for (const name of Object.keys(modules)) this.#names.set(name.toLowerCase(), name);
    for (const [alias, name] of ALIASES) {
      if (name in modules) this.#names.set(alias, name);
    }
  }

  /** Whole names of all cmdlets, in alphabetical order. */
  get names(): string[] {
    return Object.keys(this.#modules).toSorted();
  }

  /** Names that a shell may have for something of its own; none is written as a cmdlet's. */
  get shortNames(): readonly string[] {
    return this.aliases.map(([alias]) => alias);
  }

  /** The local shell has these short names for something of its own, which wins. */
  leaveToShell(names: readonly string[]): void {
    this.#shellNames = new Set(names);
  }

  /** Whether a word, as it is written, is one of the short names that are the local shell's. */
  isShells(word: string): boolean {
    return this.#shellNames.has(word);
  }

  /** Our aliases and what they stand for. */
  get aliases(): readonly (readonly [string, string])[] {
    return [...ALIASES].filter(([, name]) => name in this.#modules);
  }

  /** Whole name for a name or alias in any case; undefined when it is no command of ours. */
  find(word: string): string | undefined {
    return this.#names.get(word.toLowerCase());
  }

  /**
   * Loads a cmdlet by its name or alias.
   * @throws ErrorRecord CommandNotFoundException
   */
  async load(word: string): Promise<Cmdlet> {
    const name = this.find(word);
    if (name === undefined) {
      const nearest = nearestCommand(word, this.names);
      const hint = nearest === undefined ? 'Get-Command lists them.' : `Did you mean ${nearest}?`;
      const message = `The term '${word}' is not recognized as the name of a cmdlet. ${hint}`;
      throw new ErrorRecord('CommandNotFoundException', 'ObjectNotFound', message, { target: word });
    }
    const loaded = this.#loaded.get(name) ?? this.#import(name);
    this.#loaded.set(name, loaded);
    return loaded;
  }

  async #import(name: string): Promise<Cmdlet> {
    const module: unknown = await this.#modules[name]?.();
    const cmdlet = typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
    if (!isCmdlet(cmdlet)) throw new TypeError(`The file of ${name} exports no cmdlet`);
    return cmdlet;
  }
}
