import { defineCmdlet } from '../runtime/cmdlet.ts';
import { FORMAT_PARAMETERS, formatRows } from './format-properties.ts';

/** Shows objects with a line for each property. */
export default defineCmdlet({
  name: 'Format-List',
  synopsis: 'Shows objects with a line for each property.',
  description: 'The result is for the screen: Select-Object gives objects to go on with.',
  acts: 'data',
  input: 'all',
  parameters: FORMAT_PARAMETERS,
  examples: [
    { code: 'Get-PSSession | Format-List -Property *', remarks: 'Everything there is to know of each session.' },
    { code: "[pscustomobject]@{ Name = 'a'; Size = 1 } | Format-List", remarks: 'A list instead of a table.' },
  ],
  async *process({ Property, GroupBy, InputObject }, context) {
    yield* formatRows({ Property, GroupBy, InputObject }, { shape: 'list', hideHeaders: false }, context);
  },
});
