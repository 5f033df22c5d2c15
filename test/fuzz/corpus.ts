import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The inputs of a target that are kept: real ones, and all that was found with them. */
export function readCorpus(target: string): Buffer[] {
  const folder = join(import.meta.dirname, 'corpus', target);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .toSorted()
    .map((name) => readFileSync(join(folder, name)));
}
