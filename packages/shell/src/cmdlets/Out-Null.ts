import { defineCmdlet } from '../runtime/cmdlet.ts';
import { inputObject, inputObjects } from './input-objects.ts';

/** Gives nothing on. */
export default defineCmdlet({
  name: 'Out-Null',
  synopsis: 'Takes what a command gives, and shows nothing.',
  acts: 'data',
  input: 'all',
  parameters: { InputObject: inputObject },
  examples: [{ code: 'Get-PSSession | Out-Null', remarks: 'Runs a command for what it does alone.' }],
  // Nothing is what it gives.
  // eslint-disable-next-line require-yield
  async *process({ InputObject }, context) {
    for await (const _ of inputObjects(InputObject, context));
  },
});
