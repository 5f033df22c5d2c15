import { valueText } from './value-text.ts';

/** One line per property, names padded to the longest, an empty line before each object and after the last. */
export function formatList(objects: readonly object[]): string {
  return `\n${objects.map((object) => `${formatObject(object)}\n`).join('')}`;
}

function formatObject(object: object): string {
  const names = Object.keys(object);
  const width = Math.max(0, ...names.map((name) => name.length));
  return names
    .map((name) => `${name.padEnd(width)} : ${valueText(Reflect.get(object, name))}`.trimEnd() + '\n')
    .join('');
}
