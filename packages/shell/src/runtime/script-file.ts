import { dirname, resolve } from 'node:path';
import type { Argument } from './command-arguments.ts';

const PARAMETER = /^-([A-Za-z_?][\w?-]*)(?::(.*))?$/su;

/** A file of the language that is run: its arguments, and where in it what runs stands. */
export class ScriptFile {
  readonly arguments: readonly Argument[];
  /** Index of the statement that runs. */
  at = 0;
  readonly #path: string;
  readonly #text: string;

  /** @param words what stands behind the file's name on the command line */
  constructor(path: string, text: string, words: readonly string[]) {
    this.#path = path;
    this.#text = text;
    this.arguments = words.map(toArgument);
  }

  /** `file:line: `, for errors. */
  get place(): string {
    return `${this.#path}:${this.#text.slice(0, this.at).split('\n').length}: `;
  }

  /** `$PSCommandPath` and `$PSScriptRoot`. */
  get variables(): readonly (readonly [name: string, value: string])[] {
    const path = resolve(this.#path);
    return [
      ['PSCommandPath', path],
      ['PSScriptRoot', dirname(path)],
    ];
  }
}

/** `-Name` and `-Name:value` are parameters, as in a line of the language. */
function toArgument(word: string): Argument {
  const [, name, value] = PARAMETER.exec(word) ?? [];
  if (name === undefined) return { kind: 'value', value: word };
  return value === undefined ? { kind: 'parameter', name } : { kind: 'parameter', name, value };
}
