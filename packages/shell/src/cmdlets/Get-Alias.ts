import { defineCmdlet } from '../runtime/cmdlet.ts';
import { CustomObject } from '../runtime/custom-object.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { arrayOf, string } from '../runtime/parameter-type.ts';
import { hasWildcard, matchesWildcard } from '../runtime/wildcard.ts';
import { knownAliases, knownCmdlets } from './known-values.ts';

/** Lists the short names of our commands. */
export default defineCmdlet({
  name: 'Get-Alias',
  synopsis: 'Lists the short names of the cmdlets.',
  acts: 'agent',
  defaultParameterSet: 'Default',
  parameters: {
    Name: {
      type: arrayOf(string),
      position: 0,
      sets: ['Default'],
      pipeline: 'both',
      wildcards: true,
      complete: knownAliases,
      help: 'Short names; all when none is given.',
    },
    Definition: {
      type: arrayOf(string),
      aliases: ['d'],
      sets: ['Definition'],
      wildcards: true,
      complete: knownCmdlets,
      help: 'Cmdlets whose short names are wanted.',
    },
  },
  output: ['CommandType', 'Name', 'Definition'],
  examples: [
    { code: 'Get-Alias gsn', remarks: 'What a short name stands for.' },
    { code: 'Get-Alias -Definition *-PSSession', remarks: 'The short names of some cmdlets.' },
  ],
  async *process({ Name, Definition }, { commands, writeError }) {
    const what = Definition === undefined ? 'name' : 'definition';
    for (const pattern of Definition ?? Name ?? ['*']) {
      const found = commands.aliases.filter(([alias, name]) =>
        matchesWildcard(pattern, what === 'name' ? alias : name),
      );
      if (found.length === 0 && !hasWildcard(pattern)) {
        const message = `This command cannot find a matching alias because an alias with the ${what} '${pattern}' does not exist.`;
        await writeError(new ErrorRecord('ItemNotFoundException', 'ObjectNotFound', message, { target: pattern }));
      }
      for (const [alias, name] of found) {
        yield new CustomObject([
          ['CommandType', 'Alias'],
          ['Name', alias],
          ['Definition', name],
        ]);
      }
    }
  },
});
