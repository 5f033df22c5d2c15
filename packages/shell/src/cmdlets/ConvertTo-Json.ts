import { defineCmdlet } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { collectList } from '../runtime/execution.ts';
import { int32, object, switchParameter } from '../runtime/parameter-type.ts';
import { inputObjects } from './input-objects.ts';
import { toJson } from './json-text.ts';

const MAX_DEPTH = 100;

/** Makes JSON of objects. */
export default defineCmdlet({
  name: 'ConvertTo-Json',
  synopsis: 'Makes JSON of objects: one text for all of them.',
  acts: 'data',
  input: 'all',
  parameters: {
    InputObject: { type: object, position: 0, pipeline: 'value', help: 'The objects; several become a list.' },
    Depth: { type: int32, help: 'Levels of objects in objects, 2 unless given; what is deeper is shown as text.' },
    Compress: { type: switchParameter, help: 'On one line, without blanks.' },
    AsArray: { type: switchParameter, help: 'A list, also of one object.' },
  },
  examples: [
    { code: 'Get-PSSession | Select-Object Name, State | ConvertTo-Json', remarks: 'Sessions for another program.' },
    { code: '@{ Name = "a"; Ports = 80, 443 } | ConvertTo-Json -Compress', remarks: 'On one line.' },
  ],
  async *process({ InputObject, Depth = 2, Compress, AsArray }, context) {
    if (Depth < 0 || Depth > MAX_DEPTH) {
      const message = `Cannot validate argument on parameter 'Depth'. The ${Depth} argument is outside the range of 0 to ${MAX_DEPTH}.`;
      throw new ErrorRecord('ParameterArgumentValidationError', 'InvalidArgument', message, { target: 'Depth' });
    }
    const objects = await collectList(inputObjects(InputObject, context));
    if (objects.length === 0 && !AsArray) return;
    const onTruncated = (): void =>
      context.writeWarning(`Resulting JSON is truncated as serialization has exceeded the set depth of ${Depth}.`);
    const value = objects.length === 1 && !AsArray ? objects[0] : objects;
    yield toJson(value, { depth: Depth, compress: Compress, onTruncated });
  },
});
