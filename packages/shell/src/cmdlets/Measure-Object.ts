import { defineCmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import type { CustomObject } from '../runtime/custom-object.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { arrayOf, object, switchParameter } from '../runtime/parameter-type.ts';
import { toText } from '../runtime/value-conversion.ts';
import { inputObject, inputObjects } from './input-objects.ts';
import { NumberMeasurement, TextMeasurement, type Measurement } from './measurement.ts';
import { readProperties, resolveProperty, type Property } from './property.ts';

const NUMBERS = ['GenericMeasure'];
const TEXT = ['TextMeasure'];

/** Counts objects, and works out what their numbers or texts come to. */
export default defineCmdlet({
  name: 'Measure-Object',
  synopsis: 'Counts objects, and adds up their numbers, or the lines, words and characters of text.',
  acts: 'data',
  input: 'all',
  defaultParameterSet: 'GenericMeasure',
  parameters: {
    Property: {
      type: arrayOf(object),
      position: 0,
      wildcards: true,
      complete: 'property',
      help: 'The properties that are measured.',
    },
    Sum: { type: switchParameter, sets: NUMBERS, help: 'Adds them up.' },
    Average: { type: switchParameter, sets: NUMBERS, help: 'The mean.' },
    Minimum: { type: switchParameter, sets: NUMBERS, help: 'The least.' },
    Maximum: { type: switchParameter, sets: NUMBERS, help: 'The greatest.' },
    StandardDeviation: { type: switchParameter, sets: NUMBERS, help: 'How far they are off the mean.' },
    AllStats: { type: switchParameter, sets: NUMBERS, help: 'All of these.' },
    Line: { type: switchParameter, sets: TEXT, help: 'Counts lines.' },
    Word: { type: switchParameter, sets: TEXT, help: 'Counts words.' },
    Character: { type: switchParameter, sets: TEXT, help: 'Counts characters.' },
    IgnoreWhiteSpace: { type: switchParameter, sets: TEXT, help: 'Blanks are no characters.' },
    InputObject: inputObject,
  },
  examples: [
    { code: 'Get-PSSession | Measure-Object', remarks: 'Counts sessions.' },
    { code: '1..10 | Measure-Object -Sum -Average', remarks: 'Adds numbers up.' },
    { code: "'a b', 'c' | Measure-Object -Line -Word", remarks: 'Counts lines and words.' },
  ],
  async *process({ Property = [], InputObject, AllStats, ...asked }, context) {
    const properties = readProperties(Property);
    const numbers = AllStats ? ALL_STATS : asked;
    const measurements = new Measurements(
      context.parameterSet === 'TextMeasure' ? () => new TextMeasurement(asked) : () => new NumberMeasurement(numbers),
    );
    // Without a property the objects themselves are measured, also when there is none.
    if (properties.length === 0) measurements.open(undefined);
    for await (const item of inputObjects(InputObject, context)) {
      for (const { name, value } of await valuesOf(item, properties, context)) {
        if (value === null || value === undefined) continue;
        try {
          measurements.open(name).add(value);
        } catch (error) {
          await context.writeError(error);
        }
      }
    }
    const results = measurements.results();
    yield* results;
    if (results.length === 0) for (const property of properties) await context.writeError(notFound(property));
  },
});

const ALL_STATS = { Sum: true, Average: true, Minimum: true, Maximum: true, StandardDeviation: true };

/** One measurement for each property that was found. */
class Measurements {
  readonly #begin: () => Measurement;
  readonly #found = new Map<string | undefined, Measurement>();

  constructor(begin: () => Measurement) {
    this.#begin = begin;
  }

  open(name: string | undefined): Measurement {
    const measurement = this.#found.get(name) ?? this.#begin();
    this.#found.set(name, measurement);
    return measurement;
  }

  results(): CustomObject[] {
    return [...this.#found].map(([name, measurement]) => measurement.result(name));
  }
}

async function valuesOf(
  item: unknown,
  properties: readonly Property[],
  context: CmdletContext,
): Promise<{ name: string | undefined; value: unknown }[]> {
  if (properties.length === 0) return [{ name: undefined, value: item }];
  const values: { name: string; value: unknown }[] = [];
  for (const property of properties) values.push(...(await resolveProperty(item, property, context)));
  return values;
}

function notFound({ label, source }: Property): ErrorRecord {
  const name = label ?? toText(source);
  const message = `The property "${name}" cannot be found in the input for any objects.`;
  return new ErrorRecord('GenericMeasurePropertyNotFound', 'InvalidArgument', message, { target: name });
}
