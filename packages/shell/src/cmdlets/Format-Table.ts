import { defineCmdlet } from '../runtime/cmdlet.ts';
import { switchParameter } from '../runtime/parameter-type.ts';
import { FORMAT_PARAMETERS, formatRows } from './format-properties.ts';

/** Shows objects as a table. */
export default defineCmdlet({
  name: 'Format-Table',
  synopsis: 'Shows objects as a table.',
  description:
    'Columns are as wide as their values as far as the line has room; what is too long is cut with …. The result is for the screen: Select-Object gives objects to go on with.',
  acts: 'data',
  input: 'all',
  parameters: {
    ...FORMAT_PARAMETERS,
    AutoSize: { type: switchParameter, help: 'Columns are as wide as their values, as they always are here.' },
    HideTableHeaders: { type: switchParameter, help: 'Without the names of the columns.' },
  },
  examples: [
    { code: 'Get-PSSession | Format-Table Name, State', remarks: 'Two columns.' },
    {
      code: "1, 20 | Format-Table @{Name='N'; Expression={$_}}, @{Name='Square'; Expression={$_ * $_}; FormatString='N1'}",
      remarks: 'Columns that are worked out.',
    },
  ],
  async *process({ Property, GroupBy, InputObject, HideTableHeaders }, context) {
    yield* formatRows({ Property, GroupBy, InputObject }, { shape: 'table', hideHeaders: HideTableHeaders }, context);
  },
});
