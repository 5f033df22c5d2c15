import { defineCmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import { addProperty, CustomObject } from '../runtime/custom-object.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { hasMember, memberNames, readMember } from '../runtime/members.ts';
import { arrayOf, int32, object, string, switchParameter } from '../runtime/parameter-type.ts';
import { matchesWildcard } from '../runtime/wildcard.ts';
import { distinctKey } from './distinct-key.ts';
import { inputObject, inputObjects } from './input-objects.ts';
import { readProperties, resolveProperty, type Property } from './property.ts';
import { inWindow, type Window } from './window.ts';

/** Selects properties of objects, or some of the objects. */
export default defineCmdlet({
  name: 'Select-Object',
  synopsis: 'Selects properties of objects, or some of the objects.',
  description:
    'With -Property each object becomes one that has these properties alone; a property can be worked out: @{Name="MB"; Expression={$_.Bytes/1MB}}. -First ends the commands before it as soon as it has enough.',
  acts: 'data',
  input: 'all',
  parameters: {
    Property: {
      type: arrayOf(object),
      position: 0,
      wildcards: true,
      complete: 'property',
      help: 'The properties, also calculated ones.',
    },
    ExcludeProperty: { type: arrayOf(string), wildcards: true, complete: 'property', help: 'Properties to leave out.' },
    ExpandProperty: {
      type: string,
      complete: 'property',
      help: 'Gives the values of this property instead of objects.',
    },
    First: { type: int32, help: 'So many from the beginning.' },
    Last: { type: int32, help: 'So many from the end.' },
    Skip: { type: int32, help: 'Leaves out so many: from the beginning, with -Last from the end.' },
    SkipLast: { type: int32, help: 'Leaves out so many at the end.' },
    Unique: { type: switchParameter, help: 'Each value once.' },
    InputObject: inputObject,
  },
  examples: [
    { code: 'Get-PSSession | Select-Object Name, State', remarks: 'Two properties of each session.' },
    { code: '1..10 | Select-Object -First 3', remarks: 'The first three.' },
    {
      code: "'a', 'bb' | Select-Object Length, @{Name='Double'; Expression={$_.Length * 2}}",
      remarks: 'A property that is worked out.',
    },
    { code: 'Get-PSSession | Select-Object -ExpandProperty Name', remarks: 'Names as text.' },
  ],
  async *process({ Property: given, ExcludeProperty = [], ExpandProperty, Unique, InputObject, ...window }, context) {
    const all = ExcludeProperty.length > 0 && ExpandProperty === undefined ? ['*'] : [];
    const choice = { properties: readProperties(given ?? all), without: ExcludeProperty, expand: ExpandProperty };
    const objects = inWindow(inputObjects(InputObject, context), checkWindow(window));
    const results = selectAll(objects, choice, context);
    yield* Unique ? distinct(results) : results;
  },
});

async function* distinct(values: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  const seen = new Set<string>();
  for await (const value of values) {
    const key = distinctKey(value);
    if (!seen.has(key)) yield value;
    seen.add(key);
  }
}

type Choice = {
  readonly properties: readonly Property[];
  readonly without: readonly string[];
  readonly expand: string | undefined;
};

async function* selectAll(
  objects: AsyncIterable<unknown>,
  choice: Choice,
  context: CmdletContext,
): AsyncGenerator<unknown> {
  for await (const item of objects) yield* await select(item, choice, context);
}

/** What is selected of one object: itself, one with the properties, or the values of -ExpandProperty. */
async function select(
  item: unknown,
  { properties, without, expand }: Choice,
  context: CmdletContext,
): Promise<unknown[]> {
  const chosen = new CustomObject();
  for (const property of properties) {
    for (const { name, value } of await resolveProperty(item, property, context)) {
      if (!without.some((pattern) => matchesWildcard(pattern, name)) && !hasMember(chosen, name)) {
        addProperty(chosen, name, value);
      }
    }
  }
  if (expand === undefined) return [properties.length === 0 ? item : chosen];
  if (!hasMember(item, expand)) {
    const message = `Property "${expand}" cannot be found.`;
    await context.writeError(new ErrorRecord('ExpandPropertyNotFound', 'InvalidArgument', message, { target: expand }));
    return [];
  }
  const values: unknown = readMember(item, expand);
  const list: unknown[] = Array.isArray(values) ? values : [values ?? null];
  return properties.length === 0 ? list : list.map((value) => withProperties(value, chosen));
}

/** An object of properties gets those that were selected besides; other values have no place for them. */
function withProperties(value: unknown, chosen: CustomObject): unknown {
  if (!(value instanceof CustomObject)) return value;
  const properties = [value, chosen].flatMap((object) =>
    memberNames(object).map((name): [string, unknown] => [name, readMember(object, name)]),
  );
  return new CustomObject(properties);
}

type Sizes = { readonly [K in 'First' | 'Last' | 'Skip' | 'SkipLast']: number | undefined };

/** @throws ErrorRecord for a negative number */
function checkWindow({ First, Last, Skip = 0, SkipLast = 0 }: Sizes): Window {
  for (const [name, value] of Object.entries({ First, Last, Skip, SkipLast })) {
    if (value === undefined || value >= 0) continue;
    const message = `Cannot validate argument on parameter '${name}'. The ${value} argument is less than the minimum allowed range of 0. Supply an argument that is greater than or equal to 0 and then try the command again.`;
    throw new ErrorRecord('ParameterArgumentValidationError', 'InvalidArgument', message, { target: name });
  }
  return { first: First, last: Last, skip: Skip, skipLast: SkipLast };
}
