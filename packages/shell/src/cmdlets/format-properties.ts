import type { CmdletContext } from '../runtime/cmdlet.ts';
import { formatValue } from '../runtime/format-operator.ts';
import { FormattedRow, type Cell, type Format } from '../runtime/formatted-row.ts';
import { Hashtable } from '../runtime/hashtable.ts';
import { memberNames } from '../runtime/members.ts';
import { arrayOf, object } from '../runtime/parameter-type.ts';
import { toInteger, toText } from '../runtime/value-conversion.ts';
import { inputObject, inputObjects } from './input-objects.ts';
import { readProperties, resolveProperty, type Property } from './property.ts';

/** Parameters of Format-Table and Format-List. */
export const FORMAT_PARAMETERS = {
  Property: {
    type: arrayOf(object),
    position: 0,
    wildcards: true,
    complete: 'property',
    help: 'The properties, also calculated ones: @{Name=…; Expression={…}; Width=…; Alignment=…; FormatString=…}.',
  },
  GroupBy: { type: object, complete: 'property', help: 'Begins anew, under its value, where this property changes.' },
  InputObject: inputObject,
} as const;

type Chosen = { readonly Property: unknown[] | undefined; readonly GroupBy: unknown; readonly InputObject: unknown };

/** Objects on their way to the screen; what has no properties goes as it is, unless some are asked for. */
export async function* formatRows(chosen: Chosen, format: Format, context: CmdletContext): AsyncGenerator<unknown> {
  const properties = readProperties(chosen.Property ?? [], ['FormatString', 'Width', 'Alignment']);
  const [groupBy] = chosen.GroupBy === undefined ? [] : readProperties([chosen.GroupBy], ['FormatString']);
  // A wildcard stands for the properties of the first object, so that all rows have the same columns.
  let names: readonly Property[] | undefined;
  for await (const item of each(inputObjects(chosen.InputObject, context))) {
    const group = groupBy === undefined ? undefined : (await toCells(item, groupBy, context))[0];
    if (properties.length === 0) {
      yield* plainRows(item, format, group);
      continue;
    }
    if (format.shape === 'table') names ??= await expand(item, properties, context);
    const cells: Cell[] = [];
    for (const property of names ?? properties) cells.push(...(await toCells(item, property, context)));
    if (cells.length > 0) yield new FormattedRow(format, { cells }, group);
  }
}

/** An array of -InputObject is many objects here. */
async function* each(objects: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  for await (const item of objects) {
    if (Array.isArray(item)) yield* item;
    else if (item !== null && item !== undefined) yield item;
  }
}

/** An object as its view shows it, a hashtable by its entries, text as it is. */
function plainRows(item: unknown, format: Format, group: Cell | undefined): unknown[] {
  if (item instanceof Hashtable) {
    return [...item.entries()].map(([key, value]) => {
      const cells: Cell[] = [
        { name: 'Name', value: key, align: 'left' },
        { name: 'Value', value, align: 'left' },
      ];
      return new FormattedRow(format, { cells }, group);
    });
  }
  const hasProperties = typeof item === 'object' && item !== null && memberNames(item).length > 0;
  return [hasProperties ? new FormattedRow(format, { object: item }, group) : item];
}

async function expand(item: unknown, properties: readonly Property[], context: CmdletContext): Promise<Property[]> {
  const plain: Property[] = [];
  for (const property of properties) {
    if (typeof property.source !== 'string') plain.push(property);
    else {
      const found = await resolveProperty(item, property, context);
      plain.push(
        ...found.map(({ name }) => ({ ...property, source: property.label === undefined ? name : property.source })),
      );
    }
  }
  return plain;
}

async function toCells(item: unknown, property: Property, context: CmdletContext): Promise<Cell[]> {
  const { FormatString, Width, Alignment } = property.settings;
  const found = await resolveProperty(item, property, context);
  return found.map(({ name, value }) => ({
    name,
    value: FormatString === undefined ? value : formatted(value, toText(FormatString)),
    align: alignment(Alignment) ?? (FormatString !== undefined && typeof value === 'number' ? 'right' : undefined),
    width: Width === undefined ? undefined : Math.max(1, toInteger(Width)),
  }));
}

function formatted(value: unknown, format: string): unknown {
  return value === null || value === undefined ? value : formatValue(value, format);
}

function alignment(value: unknown): Cell['align'] {
  const typed = toText(value).toLowerCase();
  return (['left', 'center', 'right'] as const).find((align) => typed !== '' && align.startsWith(typed));
}
