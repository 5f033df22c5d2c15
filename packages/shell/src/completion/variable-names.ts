/** Those of the names that `text`, a variable's beginning with its `$`, may go on to. */
export function variableNames(text: string, names: readonly string[]): string[] {
  const wanted = text.replace(/^\$\{?/u, '').toLowerCase();
  return names
    .filter((name) => /^[\w:]+$/u.test(name) && name.toLowerCase().startsWith(wanted))
    .map((name) => `$${name}`);
}
