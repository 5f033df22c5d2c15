import { aliasesOf } from '../runtime/aliases.ts';
import { defineCmdlet } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { arrayOf, string } from '../runtime/parameter-type.ts';
import { hasWildcard, matchesWildcard } from '../runtime/wildcard.ts';
import { knownCommands } from './known-values.ts';

/** Lists our commands. */
export default defineCmdlet({
  name: 'Get-Command',
  synopsis: 'Lists the cmdlets, with their aliases and what they do.',
  acts: 'agent',
  parameters: {
    Name: {
      type: arrayOf(string),
      position: 0,
      pipeline: 'both',
      wildcards: true,
      complete: knownCommands,
      help: 'Names or aliases; all when none is given.',
    },
  },
  examples: [
    { code: 'Get-Command', remarks: 'Lists all cmdlets.' },
    { code: 'Get-Command *-PSSession', remarks: 'Lists those for sessions.' },
  ],
  async *process({ Name = ['*'] }, { commands, writeError }) {
    for (const pattern of Name) {
      const alias = commands.find(pattern);
      const names = alias === undefined ? commands.names.filter((name) => matchesWildcard(pattern, name)) : [alias];
      if (names.length === 0 && !hasWildcard(pattern)) {
        const message = `The term '${pattern}' is not recognized as the name of a cmdlet.`;
        await writeError(new ErrorRecord('CommandNotFoundException', 'ObjectNotFound', message, { target: pattern }));
      }
      for (const name of names) {
        const { synopsis } = await commands.load(name);
        yield { Name: name, Alias: aliasesOf(name).join(', '), Synopsis: synopsis };
      }
    }
  },
});
