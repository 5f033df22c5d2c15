import { readFileSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CommandTable } from '../runtime/command-table.ts';
import { cmdletPages } from './cmdlet-pages.ts';

const folder = new URL('../../../../docs/cmdlets/', import.meta.url);

test('docs/cmdlets says what the cmdlets declare: npm run docs writes it', async () => {
  const table = new CommandTable();
  const pages = cmdletPages(await Promise.all(table.names.map((name) => table.load(name))));
  expect(readdirSync(folder).toSorted()).toEqual([...pages.keys()].toSorted());
  for (const [file, text] of pages) expect(readFileSync(new URL(file, folder), 'utf8')).toBe(text);
});
