import { readdirSync } from 'node:fs';

const folder = new URL('../cmdlets/', import.meta.url);
const CMDLET_FILE = /^([A-Z]\w*-[A-Z]\w*)\.ts$/u;

/** How to load each cmdlet, by name. The build puts an explicit list in place of this file, since no bundler follows it. */
export const cmdletModules: Readonly<Record<string, () => Promise<unknown>>> = Object.fromEntries(
  readdirSync(folder).flatMap((file) => {
    const name = CMDLET_FILE.exec(file)?.[1];
    return name === undefined ? [] : [[name, (): Promise<unknown> => import(new URL(file, folder).href)]];
  }),
);
