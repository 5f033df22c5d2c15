import { defineCmdlet } from '../runtime/cmdlet.ts';
import { object, switchParameter } from '../runtime/parameter-type.ts';
import { inputObjects } from './input-objects.ts';

/** Gives its arguments on. */
export default defineCmdlet({
  name: 'Write-Output',
  synopsis: 'Gives objects to the next command of the pipeline, or to the screen.',
  acts: 'data',
  input: 'all',
  parameters: {
    InputObject: {
      type: object,
      position: 0,
      remaining: true,
      pipeline: 'value',
      complete: 'path',
      help: 'The objects.',
    },
    NoEnumerate: { type: switchParameter, help: 'A list goes on as one object.' },
  },
  examples: [{ code: "Write-Output 'a', 'b' | ForEach-Object ToUpper", remarks: 'Gives two texts.' }],
  async *process({ InputObject, NoEnumerate }, context) {
    for await (const item of inputObjects(InputObject, context)) {
      if (Array.isArray(item) && !NoEnumerate) yield* item;
      else yield item;
    }
  },
});
