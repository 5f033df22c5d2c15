import { defineCmdlet, type Cmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import { CustomObject } from '../runtime/custom-object.ts';
import { nearestName } from '../runtime/did-you-mean.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { HelpText } from '../runtime/help-text.ts';
import { sharedParameters } from '../runtime/parameter-names.ts';
import { arrayOf, string, switchParameter } from '../runtime/parameter-type.ts';
import { functionSyntax } from '../runtime/syntax-line.ts';
import { hasWildcard, matchesWildcard } from '../runtime/wildcard.ts';
import { describeCmdlet, describeParameter, overview, section, type HelpView } from './help-text.ts';
import { HELP_TOPICS } from './help-topics.ts';
import { knownHelp } from './known-values.ts';

const NO_TOPICS = 'docs/language.md describes the command language, docs/cmdlets every cmdlet.';

const VIEWS: Readonly<Record<string, HelpView>> = { DetailedView: 'detailed', FullView: 'full', Examples: 'examples' };

/** Shows what a cmdlet does and takes. */
export default defineCmdlet({
  name: 'Get-Help',
  synopsis: 'Shows help about cmdlets and topics.',
  description:
    'A name with wildcards, or a part of several names, lists what has it. NAME -? is the same as Get-Help NAME.',
  acts: 'agent',
  defaultParameterSet: 'AllUsersView',
  parameters: {
    Name: {
      type: string,
      position: 0,
      pipeline: 'name',
      wildcards: true,
      complete: knownHelp,
      help: 'A cmdlet, an alias, a function or an about_ topic.',
    },
    Detailed: { type: switchParameter, mandatory: true, sets: ['DetailedView'], help: 'With every parameter.' },
    Full: {
      type: switchParameter,
      mandatory: true,
      sets: ['FullView'],
      help: 'With every parameter and all that is known of it.',
    },
    Examples: { type: switchParameter, mandatory: true, sets: ['Examples'], help: 'Only the examples.' },
    Parameter: {
      type: arrayOf(string),
      mandatory: true,
      wildcards: true,
      sets: ['Parameters'],
      help: 'Only these parameters.',
    },
  },
  examples: [
    { code: 'Get-Help', remarks: 'Shows where to begin.' },
    { code: 'Get-Help New-PSSession -Full', remarks: 'Shows all about a cmdlet.' },
    { code: 'Get-Help *-Job', remarks: 'Lists the cmdlets for jobs.' },
    { code: 'Get-Help Invoke-Command -Parameter AsJob', remarks: 'Shows what a parameter does.' },
    { code: 'Get-Help about_Remote_Troubleshooting', remarks: 'Shows what to do when a host cannot be reached.' },
  ],
  async *process({ Name, Parameter }, context) {
    const { commands, parameterSet } = context;
    if (Name === undefined) {
      const cmdlets = await Promise.all(commands.names.map((name) => commands.load(name)));
      yield helpText('Get-Help', 'HelpFile', 'Where to begin.', overview(cmdlets));
      return;
    }
    const found = find(Name, context);
    const [only, ...others] = found;
    if (only === undefined) throw notFound(Name, context);
    if (others.length > 0 && Parameter === undefined) {
      for (const { name, category, synopsis } of await Promise.all(found.map((one) => one.load()))) {
        yield new CustomObject([
          ['Name', name],
          ['Category', category],
          ['Synopsis', synopsis],
        ]);
      }
      return;
    }
    for (const one of found) {
      const { name, category, synopsis, cmdlet, text } = await one.load();
      if (Parameter === undefined)
        yield helpText(
          name,
          category,
          synopsis,
          cmdlet === undefined ? text : describeCmdlet(cmdlet, VIEWS[parameterSet] ?? 'brief'),
        );
      else if (cmdlet !== undefined)
        yield helpText(name, category, synopsis, parametersOf(cmdlet, Parameter, others.length > 0));
    }
  },
});

type Topic = {
  readonly name: string;
  readonly category: string;
  readonly synopsis: string;
  readonly cmdlet?: Cmdlet;
  readonly text: string;
};
type Found = { readonly load: () => Promise<Topic> };

function find(Name: string, context: CmdletContext): Found[] {
  const { commands } = context;
  const whole = commands.find(Name);
  if (whole !== undefined) return [cmdletHelp(whole, context)];
  const exact = matching(Name, context);
  const isPart = exact.length === 0 && !hasWildcard(Name) && !/^about/iu.test(Name);
  const found = isPart ? matching(`*${Name}*`, context) : exact;
  return found.length > 0 || !/^about/iu.test(Name) ? found : [noTopic(Name)];
}

function matching(pattern: string, context: CmdletContext): Found[] {
  const { commands, functions } = context;
  const fits = (name: string): boolean => matchesWildcard(pattern, name);
  return [
    ...commands.names.filter(fits).map((name) => cmdletHelp(name, context)),
    ...functions.names.filter(fits).map((name) => functionHelp(name, context)),
    ...Object.entries(HELP_TOPICS)
      .filter(([topic]) => fits(topic))
      .map(([name, text]) => topicOf({ name, category: 'HelpFile', synopsis: 'A topic.', text })),
  ];
}

function topicOf(topic: Topic): Found {
  return { load: () => Promise.resolve(topic) };
}

function cmdletHelp(name: string, { commands }: CmdletContext): Found {
  return {
    load: async () => {
      const cmdlet = await commands.load(name);
      return { name, category: 'Cmdlet', synopsis: cmdlet.synopsis, cmdlet, text: '' };
    },
  };
}

function functionHelp(name: string, { functions }: CmdletContext): Found {
  const syntax = functionSyntax(name, functions.find(name)?.body.parameters ?? []);
  const text = `\n${section('NAME', name)}${section('SYNTAX', syntax)}`;
  return topicOf({ name, category: 'Function', synopsis: syntax, text });
}

/** There are few topics: whoever asks for another is told where such things are written. */
function noTopic(name: string): Found {
  return topicOf({ name, category: 'HelpFile', synopsis: '', text: `There is no help topic ${name}: ${NO_TOPICS}` });
}

function helpText(name: string, category: string, synopsis: string, text: string): HelpText {
  return new HelpText(text, { name, category, synopsis });
}

/** @throws ErrorRecord when a name fits none */
function parametersOf(cmdlet: Cmdlet, patterns: readonly string[], isOneOfSeveral: boolean): string {
  const all = Object.entries({ ...cmdlet.parameters, ...sharedParameters(cmdlet) });
  const texts = patterns.flatMap((pattern) => {
    const wanted = pattern.replace(/^-/u, '');
    const found = all.filter(([name, { aliases = [] }]) =>
      [name, ...aliases].some((one) => matchesWildcard(wanted, one)),
    );
    if (found.length === 0 && !isOneOfSeveral)
      throw noParameter(
        wanted,
        cmdlet.name,
        all.map(([name]) => name),
      );
    return found.map(([name, parameter]) => describeParameter(name, parameter));
  });
  return `\n${texts.join('\n\n')}\n`;
}

function noParameter(name: string, cmdlet: string, names: readonly string[]): ErrorRecord {
  const nearest = nearestName(name, names);
  const hint = nearest === undefined ? `Get-Help ${cmdlet} -Full lists them.` : `Did you mean -${nearest}?`;
  const message = `No parameter of ${cmdlet} matches criteria ${name}. ${hint}`;
  return new ErrorRecord('NoParmsFound', 'InvalidArgument', message, { target: name });
}

function notFound(name: string, { commands, functions }: CmdletContext): ErrorRecord {
  const nearest = nearestName(name, [...commands.names, ...functions.names]);
  const hint = nearest === undefined ? 'Get-Command lists the cmdlets.' : `Did you mean ${nearest}?`;
  const message = `Get-Help could not find ${name} in a help topic in this session. ${hint}`;
  return new ErrorRecord('HelpNotFound', 'ObjectNotFound', message, { target: name });
}
