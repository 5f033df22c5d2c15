import { defineCmdlet, type CmdletContext } from '../runtime/cmdlet.ts';
import { compareValues } from '../runtime/comparison.ts';
import { arrayOf, int32, object, switchParameter } from '../runtime/parameter-type.ts';
import { toBoolean, toNumber, toText } from '../runtime/value-conversion.ts';
import { inputObject, inputObjects } from './input-objects.ts';
import { readProperties, resolveProperty, type Property } from './property.ts';

/** Sorts objects. */
export default defineCmdlet({
  name: 'Sort-Object',
  synopsis: 'Sorts objects by their properties, or values by themselves.',
  description:
    'Numbers are sorted as numbers, dates as dates, and anything else, also where they are mixed, as text. Objects that are equal keep their order.',
  acts: 'data',
  input: 'all',
  parameters: {
    Property: {
      type: arrayOf(object),
      position: 0,
      complete: 'property',
      help: 'The properties, the first one before the others; also @{Expression=…; Descending=$true}.',
    },
    Descending: { type: switchParameter, help: 'From the greatest to the least.' },
    Unique: { type: switchParameter, help: 'Of those that are equal only the first.' },
    CaseSensitive: { type: switchParameter, help: 'Upper and lower case are different.' },
    Stable: { type: switchParameter, help: 'Those that are equal keep their order, as they always do here.' },
    Top: { type: int32, help: 'Only so many from the beginning.' },
    Bottom: { type: int32, help: 'Only so many from the end.' },
    InputObject: inputObject,
  },
  output: 'input',
  examples: [
    { code: '3, 1, 2 | Sort-Object', remarks: 'Sorts numbers.' },
    { code: 'Get-PSSession | Sort-Object State, Name -Descending', remarks: 'By two properties.' },
    {
      code: "'ccc', 'a', 'bb' | Sort-Object Length, @{Expression={$_}; Descending=$true}",
      remarks: 'By length, and those of one length from z to a.',
    },
  ],
  async *process({ Property: given = [], Descending, Unique, CaseSensitive, Top, Bottom, InputObject }, context) {
    const properties = readProperties(given, ['Ascending', 'Descending']);
    const rows: Row[] = [];
    for await (const item of inputObjects(InputObject, context)) rows.push(await toRow(item, properties, context));
    const order = orderOf(rows, directions(properties, Descending), CaseSensitive);
    const sorted = rows.toSorted(order);
    const kept = Unique ? sorted.filter((row, at) => at === 0 || order(sorted[at - 1] ?? row, row) !== 0) : sorted;
    const some = Bottom === undefined ? kept.slice(0, Top) : kept.slice(Math.max(0, kept.length - Bottom));
    yield* some.map(({ item }) => item);
  },
});

/** An object with what it is sorted by. */
type Row = { readonly item: unknown; readonly keys: readonly unknown[] };
type Order = (left: Row, right: Row) => number;

async function toRow(item: unknown, properties: readonly Property[], context: CmdletContext): Promise<Row> {
  if (properties.length === 0) return { item, keys: [item] };
  const keys: unknown[] = [];
  for (const property of properties) {
    for (const { value } of await resolveProperty(item, property, context)) keys.push(value);
  }
  return { item, keys };
}

/** 1 for each key that goes up, -1 for one that goes down. */
function directions(properties: readonly Property[], descending: boolean): number[] {
  const general = descending ? -1 : 1;
  if (properties.length === 0) return [general];
  return properties.map(({ settings }) => {
    if (settings.Descending !== undefined) return toBoolean(settings.Descending) ? -1 : 1;
    return settings.Ascending === undefined ? general : toBoolean(settings.Ascending) ? 1 : -1;
  });
}

/** One order for all rows, so that no three of them contradict each other: each key is of one kind. */
function orderOf(rows: readonly Row[], ways: readonly number[], caseSensitive: boolean): Order {
  const count = rows.reduce((most, { keys }) => Math.max(most, keys.length), 0);
  const kinds = Array.from({ length: count }, (_, index) => kindOf(rows.map(({ keys }) => keys[index])));
  return (left, right) => {
    for (const [index, convert] of kinds.entries()) {
      const result = compareValues(convert(left.keys[index]), convert(right.keys[index]), caseSensitive);
      if (result !== 0) return result * (ways[index] ?? ways.at(-1) ?? 1);
    }
    return 0;
  };
}

/** How the values of one key are made comparable; a missing one comes first. */
function kindOf(values: readonly unknown[]): (value: unknown) => unknown {
  const present = values.filter((value) => value !== null && value !== undefined);
  const isSame = present.every((value) => value instanceof Date) || present.every((value) => typeof value === 'string');
  if (isSame) return (value) => value;
  const convert = present.every(isNumeric) ? toNumber : toText;
  return (value) => (value === null || value === undefined ? value : convert(value));
}

function isNumeric(value: unknown): boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return true;
  return typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value));
}
