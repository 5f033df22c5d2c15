/** The short names of types, and .NET's. */
const FULL_NAMES: Readonly<Record<string, string>> = {
  int: 'System.Int32',
  long: 'System.Int64',
  string: 'System.String',
  char: 'System.Char',
  datetime: 'System.DateTime',
  timespan: 'System.TimeSpan',
  math: 'System.Math',
  double: 'System.Double',
  float: 'System.Single',
  decimal: 'System.Decimal',
  bool: 'System.Boolean',
  array: 'System.Array',
  object: 'System.Object',
  void: 'System.Void',
  guid: 'System.Guid',
  regex: 'System.Text.RegularExpressions.Regex',
  type: 'System.Type',
  hashtable: 'System.Collections.Hashtable',
  ordered: 'System.Collections.Specialized.OrderedDictionary',
  switch: 'System.Management.Automation.SwitchParameter',
  psobject: 'System.Management.Automation.PSObject',
  pscustomobject: 'System.Management.Automation.PSCustomObject',
  scriptblock: 'System.Management.Automation.ScriptBlock',
  errorrecord: 'System.Management.Automation.ErrorRecord',
  pssessionoption: 'System.Management.Automation.Remoting.PSSessionOption',
  pssession: 'System.Management.Automation.Runspaces.PSSession',
};

const KNOWN = new Map([
  // The class's own name, which nobody writes in brackets.
  ['customobject', 'System.Management.Automation.PSCustomObject'],
  ...Object.entries(FULL_NAMES),
  ...Object.values(FULL_NAMES).map((name): [string, string] => [name.toLowerCase(), name]),
]);

/** Names of types that a line may use without their namespace. */
export const TYPE_NAMES: readonly string[] = Object.keys(FULL_NAMES);

/** .NET's name of a type: `int`, `Int32` and `system.int32` are `System.Int32`; a name that is not known stays. */
export function fullTypeName(name: string): string {
  if (name.endsWith('[]')) return `${fullTypeName(name.slice(0, -2))}[]`;
  const key = name.trim().toLowerCase();
  const namespaces = ['', 'system.', 'system.management.automation.', 'system.collections.'];
  return namespaces.map((namespace) => KNOWN.get(namespace + key)).find((known) => known !== undefined) ?? name;
}

/** `[Name]` as a value; its text is the name that it was given. */
export class TypeLiteral {
  readonly FullName: string;
  readonly #given: string;

  constructor(name: string) {
    this.#given = name;
    this.FullName = fullTypeName(name);
  }

  get Name(): string {
    return this.FullName.slice(this.FullName.lastIndexOf('.') + 1);
  }

  toString(): string {
    return this.#given;
  }
}
