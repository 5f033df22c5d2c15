import { aliasesOf } from '../runtime/aliases.ts';
import type { Cmdlet, Example, Parameter } from '../runtime/cmdlet.ts';
import { sharedParameters } from '../runtime/parameter-names.ts';
import { syntaxLines } from '../runtime/syntax-line.ts';

const INDENT = '    ';

/** How much is told: what a cmdlet is for, its parameters too, all facts about them, or only its examples. */
export type HelpView = 'brief' | 'detailed' | 'full' | 'examples';

/** The help of one cmdlet as text. */
export function describeCmdlet(cmdlet: Cmdlet, view: HelpView): string {
  const examples = section('EXAMPLES', cmdlet.examples.map(describeExample).join('\n\n'));
  const name = section('NAME', cmdlet.name);
  if (view === 'examples') return `\n${name}${section('SYNOPSIS', cmdlet.synopsis)}${examples}`;
  const aliases = aliasesOf(cmdlet.name);
  const parameters = view === 'brief' ? '' : section('PARAMETERS', describeParameters(cmdlet, view === 'full'));
  return [
    `\n${name}`,
    section('SYNOPSIS', cmdlet.synopsis),
    section('SYNTAX', syntaxLines(cmdlet).join('\n\n')),
    cmdlet.description === undefined ? '' : section('DESCRIPTION', cmdlet.description),
    parameters,
    aliases.length === 0 ? '' : section('ALIASES', aliases.join(', ')),
    examples,
    view === 'brief' ? section('REMARKS', `Get-Help ${cmdlet.name} -Full tells about the parameters.`) : '',
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

/** One parameter with its facts. */
export function describeParameter(name: string, parameter: Parameter<unknown>, withFacts = true): string {
  const { type, help } = parameter;
  const facts = withFacts ? factsOf(parameter) : [];
  return [`-${name} <${type.name}>`, indent([help, ...facts].join('\n'))].join('\n');
}

function describeParameters(cmdlet: Cmdlet, withFacts: boolean): string {
  const own = Object.entries(cmdlet.parameters).map(([name, one]) => describeParameter(name, one, withFacts));
  const common = `<CommonParameters>\n${indent(Object.keys(sharedParameters(cmdlet)).join(', '))}`;
  return [...own, common].join('\n\n');
}

const PIPELINE = { value: 'by value', name: 'by property name', both: 'by value, by property name' } as const;

function factsOf({ type, aliases = [], position, pipeline, wildcards }: Parameter<unknown>): string[] {
  return [
    aliases.length === 0 ? '' : `Aliases: ${aliases.join(', ')}`,
    position === undefined ? '' : `Position: ${position}`,
    type.values.length === 0 ? '' : `Values: ${type.values.join(', ')}`,
    pipeline === undefined ? '' : `Pipeline: ${PIPELINE[pipeline]}`,
    wildcards === true ? 'Wildcards: yes' : '',
  ].filter((fact) => fact !== '');
}

function describeExample({ code, remarks }: Example): string {
  return `> ${code}\n${indent(remarks)}`;
}

export function section(title: string, text: string): string {
  return `${title}\n${indent(text)}\n\n`;
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gmu, INDENT);
}
