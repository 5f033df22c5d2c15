import type { CmdletContext } from '../runtime/cmdlet.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { collect } from '../runtime/execution.ts';
import { Hashtable } from '../runtime/hashtable.ts';
import { memberNames, readMember } from '../runtime/members.ts';
import { typeNameOf } from '../runtime/methods.ts';
import { ScriptBlock } from '../runtime/script-block.ts';
import { toText } from '../runtime/value-conversion.ts';
import { hasWildcard, matchesWildcard } from '../runtime/wildcard.ts';

/** Keys of a calculated property besides its name and expression. */
export type PropertyKey = 'FormatString' | 'Width' | 'Alignment' | 'Ascending' | 'Descending';

/** A property by name or wildcard, or worked out: `{ … }`, `@{ Name = …; Expression = … }`. */
export type Property = {
  /** What it is called, where that is not the property's own name. */
  readonly label: string | undefined;
  readonly source: string | ScriptBlock;
  readonly settings: { readonly [K in PropertyKey]?: unknown };
};

/** Values of a -Property parameter as properties. @throws ErrorRecord */
export function readProperties(values: readonly unknown[], keys: readonly PropertyKey[] = []): Property[] {
  return values.flat().map((value) => {
    if (value instanceof Hashtable) return readTable(value, keys);
    return { label: undefined, source: readSource(value), settings: {} };
  });
}

/** What a property is of an object: several for a wildcard, and nothing where there is none of a plain name. */
export async function resolveProperty(
  object: unknown,
  { label, source }: Property,
  { invoke }: Pick<CmdletContext, 'invoke'>,
): Promise<{ name: string; value: unknown }[]> {
  if (source instanceof ScriptBlock) {
    return [{ name: label ?? source.text.trim(), value: await collect(invoke(source, object)) }];
  }
  const names = namesOf(object);
  if (hasWildcard(source)) {
    return names
      .filter((name) => matchesWildcard(source, name))
      .map((name) => ({ name: label ?? name, value: readMember(object, name) }));
  }
  const own = names.find((name) => name.toLowerCase() === source.toLowerCase()) ?? source;
  return [{ name: label ?? own, value: readMember(object, source) }];
}

function namesOf(object: unknown): string[] {
  if (typeof object === 'string') return ['Length'];
  return typeof object === 'object' && object !== null ? memberNames(object) : [];
}

function readTable(table: Hashtable, keys: readonly PropertyKey[]): Property {
  const known = ['Name', 'Label', 'Expression', ...keys] as const;
  const settings: Partial<Record<(typeof known)[number], unknown>> = {};
  for (const [key, value] of table.entries()) {
    const typed = toText(key).toLowerCase();
    const found = known.find((one) => typed !== '' && one.toLowerCase().startsWith(typed));
    if (found === undefined) {
      const message = `The ${toText(key)} key is not valid.`;
      throw new ErrorRecord('DictionaryKeyIllegal', 'InvalidArgument', message, { target: toText(key) });
    }
    settings[found] = value;
  }
  const name = settings.Name ?? settings.Label;
  const source = settings.Expression ?? name;
  if (source === undefined) {
    throw new ErrorRecord('DictionaryKeyMandatoryEntry', 'InvalidArgument', 'The expression key has no value.');
  }
  return { label: name === undefined ? undefined : toText(name), source: readSource(source), settings };
}

function readSource(value: unknown): string | ScriptBlock {
  if (value instanceof ScriptBlock || typeof value === 'string') return value;
  const message = `Cannot convert ${typeNameOf(value)} to one of the following types {System.String, System.Management.Automation.ScriptBlock}.`;
  throw new ErrorRecord('DictionaryKeyUnknownType', 'InvalidArgument', message, { target: toText(value) });
}
