import { aliasesOf } from '../runtime/aliases.ts';
import type { Cmdlet, Example, Parameter } from '../runtime/cmdlet.ts';
import { sharedParameters } from '../runtime/parameter-names.ts';
import { syntaxLines } from '../runtime/syntax-line.ts';

const INDENT = '    ';

/** The help of one cmdlet as text. */
export function describeCmdlet(cmdlet: Cmdlet, options: { full: boolean; examplesOnly: boolean }): string {
  const examples = section('EXAMPLES', cmdlet.examples.map(describeExample).join('\n\n'));
  const name = section('NAME', cmdlet.name);
  if (options.examplesOnly) return `\n${name}${section('SYNOPSIS', cmdlet.synopsis)}${examples}`;
  const aliases = aliasesOf(cmdlet.name);
  return [
    `\n${name}`,
    section('SYNOPSIS', cmdlet.synopsis),
    section('SYNTAX', syntaxLines(cmdlet).join('\n\n')),
    cmdlet.description === undefined ? '' : section('DESCRIPTION', cmdlet.description),
    options.full ? section('PARAMETERS', describeParameters(cmdlet)) : '',
    aliases.length === 0 ? '' : section('ALIASES', aliases.join(', ')),
    examples,
  ].join('');
}

/** Where to begin, and all cmdlets in a line each. */
export function overview(cmdlets: readonly Cmdlet[]): string {
  const width = Math.max(0, ...cmdlets.map(({ name }) => name.length));
  const lines = cmdlets.map(({ name, synopsis }) => `${name.padEnd(width)}  ${synopsis}`);
  const first = [
    "Lines go to your own shell as they stand; those that begin with one of the cmdlets below are Holdfast's.",
    'In a session, Ctrl-] opens the menu: leave it running, disconnect, stop the command.',
    'Get-Help NAME tells about one cmdlet, Get-Help NAME -Full about its parameters.',
  ];
  return `\n${first.join('\n')}\n\n${indent(lines.join('\n'))}\n`;
}

function describeParameters(cmdlet: Cmdlet): string {
  const own = Object.entries(cmdlet.parameters).map(([name, parameter]) => describeParameter(name, parameter));
  const common = `<CommonParameters>\n${indent(Object.keys(sharedParameters(cmdlet)).join(', '))}`;
  return [...own, common].join('\n\n');
}

function describeParameter(name: string, parameter: Parameter<unknown>): string {
  const { type, help, aliases = [], position } = parameter;
  const facts = [
    aliases.length === 0 ? '' : `Aliases: ${aliases.join(', ')}`,
    position === undefined ? '' : `Position: ${position}`,
    type.values.length === 0 ? '' : `Values: ${type.values.join(', ')}`,
    parameter.wildcards === true ? 'Wildcards: yes' : '',
  ].filter((fact) => fact !== '');
  return [`-${name} <${type.name}>`, indent([help, ...facts].join('\n'))].join('\n');
}

function describeExample({ code, remarks }: Example): string {
  return `> ${code}\n${indent(remarks)}`;
}

function section(title: string, text: string): string {
  return `${title}\n${indent(text)}\n\n`;
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gmu, INDENT);
}
