import { defineCmdlet } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { string, switchParameter } from '../runtime/parameter-type.ts';
import { matchesWildcard } from '../runtime/wildcard.ts';
import { describeCmdlet, overview } from './help-text.ts';
import { HELP_TOPICS } from './help-topics.ts';
import { knownHelp } from './known-values.ts';

/** Shows what a cmdlet does and takes. */
export default defineCmdlet({
  name: 'Get-Help',
  synopsis: 'Shows help about cmdlets and topics.',
  acts: 'agent',
  parameters: {
    Name: {
      type: string,
      position: 0,
      pipeline: 'name',
      wildcards: true,
      complete: knownHelp,
      help: 'A cmdlet, an alias or an about_ topic.',
    },
    Full: { type: switchParameter, help: 'With every parameter.' },
    Examples: { type: switchParameter, help: 'Only the examples.' },
  },
  examples: [
    { code: 'Get-Help', remarks: 'Shows where to begin.' },
    { code: 'Get-Help New-PSSession -Full', remarks: 'Shows all about a cmdlet.' },
    { code: 'Get-Help about_Remote_Troubleshooting', remarks: 'Shows what to do when a host cannot be reached.' },
  ],
  async *process({ Name, Full, Examples }, { commands }) {
    if (Name === undefined) {
      yield overview(await Promise.all(commands.names.map((name) => commands.load(name))));
      return;
    }
    const alias = commands.find(Name);
    const names = alias === undefined ? commands.names.filter((name) => matchesWildcard(Name, name)) : [alias];
    const topics = Object.entries(HELP_TOPICS).filter(([topic]) => matchesWildcard(Name, topic));
    if (names.length + topics.length === 0) {
      const message = `Get-Help could not find ${Name} in a help topic in this session. Get-Command lists the cmdlets.`;
      throw new ErrorRecord('HelpNotFound', 'ObjectNotFound', message, { target: Name });
    }
    for (const name of names) yield describeCmdlet(await commands.load(name), { full: Full, examplesOnly: Examples });
    for (const [, text] of topics) yield text;
  },
});
