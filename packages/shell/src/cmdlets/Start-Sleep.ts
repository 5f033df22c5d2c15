import { setTimeout } from 'node:timers/promises';
import { defineCmdlet } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { double, int32 } from '../runtime/parameter-type.ts';

/** The longest that a timer can wait. */
const MAX_MS = 2_147_483_647;

/** Waits. */
export default defineCmdlet({
  name: 'Start-Sleep',
  synopsis: 'Waits for a time. Ctrl-C ends it.',
  acts: 'data',
  defaultParameterSet: 'Seconds',
  parameters: {
    Seconds: {
      type: double,
      position: 0,
      mandatory: ['Seconds'],
      sets: ['Seconds'],
      pipeline: 'both',
      help: 'Seconds, with decimals.',
    },
    Milliseconds: {
      type: int32,
      aliases: ['ms'],
      mandatory: ['Milliseconds'],
      sets: ['Milliseconds'],
      pipeline: 'name',
      help: 'Milliseconds.',
    },
  },
  examples: [
    { code: 'Start-Sleep -Milliseconds 20', remarks: 'Waits for a fiftieth of a second.' },
    { code: 'Start-Sleep 0.05', remarks: 'Waits for a twentieth.' },
  ],
  // Waiting has no result.
  // eslint-disable-next-line require-yield
  async *process({ Seconds, Milliseconds }, { signal }) {
    const [name, given, unit] =
      Milliseconds === undefined ? ['Seconds', Seconds ?? 0, 1000] : ['Milliseconds', Milliseconds, 1];
    if (!(given >= 0 && given * unit <= MAX_MS)) {
      const message = `Cannot validate argument on parameter '${name}'. The ${given} argument is outside the range of 0 to ${Math.floor(MAX_MS / unit)}.`;
      throw new ErrorRecord('ParameterArgumentValidationError', 'InvalidArgument', message, { target: name });
    }
    await setTimeout(given * unit, undefined, { signal });
  },
});
