import { aliasesOf } from '../runtime/aliases.ts';

export type CommandType = 'Alias' | 'Function' | 'Cmdlet' | 'Application';

/** A command as Get-Command shows it; the properties have PowerShell's names. */
export class CommandInfo {
  readonly CommandType: CommandType;
  readonly Name: string;
  readonly Alias: string;
  /** What it is for, or where it is. */
  readonly Synopsis: string;
  /** The path of a program. */
  readonly Source: string;
  readonly Definition: string;

  constructor(
    type: CommandType,
    name: string,
    about: { synopsis: string; syntax: readonly string[]; source?: string; definition?: string },
  ) {
    const { synopsis, syntax, source = '', definition = source } = about;
    this.CommandType = type;
    this.Name = name;
    this.Alias = aliasesOf(name).join(', ');
    this.Synopsis = synopsis;
    this.Source = source;
    this.Definition = definition === '' ? syntax.join('\n\n') : definition;
    this.#syntax = syntax;
  }

  readonly #syntax: readonly string[];

  get Verb(): string {
    return /^([^-]+)-/u.exec(this.Name)?.[1] ?? '';
  }

  get Noun(): string {
    return /^[^-]+-(.+)$/u.exec(this.Name)?.[1] ?? '';
  }

  get Path(): string {
    return this.Source;
  }

  /** How it is called, one line for each parameter set. */
  syntaxText(): string {
    return `\n${this.#syntax.join('\n\n')}\n`;
  }

  toString(): string {
    return this.Name;
  }
}
