/** Variables that say how our commands work, set or not. */
const PREFERENCES = [
  'ErrorActionPreference',
  'PSSessionApplicationName',
  'PSSessionConfigurationName',
  'PSSessionOption',
];

/** Those of the names, and of the preference variables, that `text`, a variable's beginning with its `$`, may go on to. */
export function variableNames(text: string, names: readonly string[]): string[] {
  const wanted = text.replace(/^\$\{?/u, '').toLowerCase();
  const known = new Set(names.map((name) => name.toLowerCase()));
  return [...names, ...PREFERENCES.filter((name) => !known.has(name.toLowerCase()))]
    .filter((name) => /^[\w:]+$/u.test(name) && name.toLowerCase().startsWith(wanted))
    .map((name) => `$${name}`);
}
