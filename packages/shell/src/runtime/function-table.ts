import type { ScriptBlock } from './script-block.ts';

/** Functions of the prompt, by name in any case. */
export class FunctionTable {
  readonly #functions = new Map<string, { name: string; block: ScriptBlock }>();

  get names(): string[] {
    return [...this.#functions.values()].map(({ name }) => name);
  }

  define(name: string, block: ScriptBlock): void {
    this.#functions.set(name.toLowerCase(), { name, block });
  }

  find(name: string): ScriptBlock | undefined {
    return this.#functions.get(name.toLowerCase())?.block;
  }
}
