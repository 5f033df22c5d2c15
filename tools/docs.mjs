// `npm run docs`: writes docs/cmdlets from the cmdlets' declarations. A test fails while they differ.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cmdletPages } from '../packages/shell/src/cmdlets/cmdlet-pages.ts';
import { CommandTable } from '../packages/shell/src/runtime/command-table.ts';

const folder = new URL('../docs/cmdlets/', import.meta.url);
const table = new CommandTable();
const pages = cmdletPages(await Promise.all(table.names.map((name) => table.load(name))));
mkdirSync(folder, { recursive: true });
for (const file of readdirSync(folder)) if (!pages.has(file)) rmSync(new URL(file, folder));
for (const [file, text] of pages) writeFileSync(new URL(file, folder), text);
