import { defineCmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import { nearestName } from '../runtime/did-you-mean.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { HelpText } from '../runtime/help-text.ts';
import { arrayOf, int32, oneOf, string, switchParameter } from '../runtime/parameter-type.ts';
import { hasWildcard, matchesWildcard } from '../runtime/wildcard.ts';
import type { CommandInfo, CommandType } from './command-info.ts';
import { findAliases, findCmdlets, findFunctions, findPrograms } from './find-commands.ts';
import { knownCommands, knownNouns, knownVerbs } from './known-values.ts';

const commandTypes = arrayOf(
  oneOf(
    'CommandTypes',
    'Alias',
    'Function',
    'Filter',
    'Cmdlet',
    'ExternalScript',
    'Application',
    'Script',
    'Configuration',
    'All',
  ),
);

/** Lists the commands that there are. */
export default defineCmdlet({
  name: 'Get-Command',
  synopsis: 'Lists cmdlets and functions, and finds aliases and programs by their names.',
  description:
    'Programs are those in the PATH of the local session; the first of each name is the one that runs. At the prompt of an entered session they are not looked for: the host has its own.',
  acts: 'agent',
  defaultParameterSet: 'AllCommandSet',
  parameters: {
    Name: {
      type: arrayOf(string),
      position: 0,
      pipeline: 'both',
      wildcards: true,
      sets: ['AllCommandSet'],
      complete: knownCommands,
      help: 'Names; all cmdlets and functions when none is given.',
    },
    Verb: {
      type: arrayOf(string),
      pipeline: 'name',
      wildcards: true,
      sets: ['CmdletSet'],
      complete: knownVerbs,
      help: 'Cmdlets and functions with these verbs.',
    },
    Noun: {
      type: arrayOf(string),
      pipeline: 'name',
      wildcards: true,
      sets: ['CmdletSet'],
      complete: knownNouns,
      help: 'Cmdlets and functions with these nouns.',
    },
    CommandType: {
      type: commandTypes,
      aliases: ['Type'],
      pipeline: 'name',
      sets: ['AllCommandSet'],
      help: 'Only commands of these kinds.',
    },
    Syntax: { type: switchParameter, help: 'Shows how they are called.' },
    All: { type: switchParameter, help: 'All programs of a name, not only the one that runs.' },
    TotalCount: { type: int32, help: 'At most so many.' },
  },
  output: ['CommandType', 'Name', 'Alias', 'Synopsis', 'Source', 'Definition', 'Verb', 'Noun', 'Path'],
  examples: [
    { code: 'Get-Command', remarks: 'Lists all cmdlets and functions.' },
    { code: 'Get-Command *-PSSession', remarks: 'Lists those for sessions.' },
    { code: 'Get-Command -Verb Get -Noun PS*', remarks: 'Lists those that get something about sessions.' },
    { code: 'Get-Command ls', remarks: 'Shows which program that is.' },
    { code: 'Get-Command Enter-PSSession -Syntax', remarks: 'Shows how it is called.' },
  ],
  async *process({ Name, Verb, Noun, CommandType, Syntax, All, TotalCount = Infinity }, context) {
    const types = new Set<string>(CommandType ?? []);
    const found: CommandInfo[] = [];
    for (const pattern of Name ?? [undefined]) {
      const some = await find(pattern, { types, all: All }, context);
      if (some.length === 0 && pattern !== undefined && !hasWildcard(pattern))
        await context.writeError(notFound(pattern, context));
      found.push(...some);
    }
    const fits = (patterns: readonly string[] | undefined, text: string): boolean =>
      patterns === undefined || (text !== '' && patterns.some((pattern) => matchesWildcard(pattern, text)));
    const chosen = found.filter((one) => fits(Verb, one.Verb) && fits(Noun, one.Noun));
    for (const one of chosen.slice(0, Math.max(0, TotalCount))) {
      yield Syntax ? new HelpText(one.syntaxText(), { name: one.Name, category: one.CommandType, synopsis: '' }) : one;
    }
  },
});

/** What has such a name, of these types or of all; without a name no aliases and programs unless they are asked for. */
async function find(
  pattern: string | undefined,
  { types, all }: { types: ReadonlySet<string>; all: boolean },
  context: CmdletContext,
): Promise<CommandInfo[]> {
  const isWanted = (type: CommandType, unasked: boolean): boolean =>
    types.size === 0 ? unasked : types.has(type) || types.has('All');
  const isNamed = pattern !== undefined;
  const passes = (name: string): boolean => matchesWildcard(pattern ?? '*', name);
  const programs = isWanted('Application', isNamed) && context.host.entered === undefined;
  return [
    ...(isWanted('Alias', isNamed) ? findAliases(passes, context) : []),
    ...(isWanted('Function', true) ? findFunctions(passes, context) : []),
    ...(isWanted('Cmdlet', true) ? await findCmdlets(passes, context) : []),
    ...(programs ? await findPrograms(pattern ?? '*', all, context) : []),
  ];
}

function notFound(name: string, { commands, functions, host }: CmdletContext): ErrorRecord {
  const nearest = nearestName(name, [...commands.names, ...functions.names]);
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  const { entered } = host;
  const where = entered === undefined ? 'cmdlet, function, or program' : 'cmdlet or function';
  const elsewhere = entered === undefined ? '' : ` For a program of ${entered.ComputerName}: command -v ${name}`;
  const message = `The term '${name}' is not recognized as the name of a ${where}.${hint}${elsewhere}`;
  return new ErrorRecord('CommandNotFoundException', 'ObjectNotFound', message, { target: name });
}
