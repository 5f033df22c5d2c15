import { defineCmdlet } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { collectList } from '../runtime/execution.ts';
import { object, switchParameter } from '../runtime/parameter-type.ts';
import { toText } from '../runtime/value-conversion.ts';
import { inputObjects } from './input-objects.ts';
import { fromJson } from './json-text.ts';

/** Makes objects of JSON. */
export default defineCmdlet({
  name: 'ConvertFrom-Json',
  synopsis: 'Makes objects of JSON text.',
  description:
    'Lines that are JSON each give an object each; else all lines together are one text. Times in ISO 8601 become dates.',
  acts: 'data',
  input: 'all',
  parameters: {
    InputObject: { type: object, position: 0, pipeline: 'value', help: 'The text, also line by line.' },
    AsHashtable: { type: switchParameter, help: 'Gives hashtables instead of objects with properties.' },
    NoEnumerate: { type: switchParameter, help: 'A list goes on as one object.' },
  },
  examples: [
    { code: `'{"Name":"a","Size":1}' | ConvertFrom-Json`, remarks: 'An object with two properties.' },
    { code: `('{"a":{"b":2}}' | ConvertFrom-Json).a.b`, remarks: 'A value inside.' },
  ],
  async *process({ InputObject, AsHashtable, NoEnumerate }, context) {
    const lines = (await collectList(inputObjects(InputObject, context))).flat().map(toText);
    for (const text of isJson(lines[0] ?? '') ? lines : [lines.join('\n')]) {
      if (text.trim() === '') continue;
      const value = fromJson(parse(text), AsHashtable);
      if (Array.isArray(value) && !NoEnumerate) yield* value;
      else yield value;
    }
  },
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // The question was only whether the line is complete.
    return false;
  }
}

/** @throws ErrorRecord */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ErrorRecord('ArgumentException', 'InvalidArgument', `Conversion from JSON failed with error: ${reason}`, {
      cause,
    });
  }
}
