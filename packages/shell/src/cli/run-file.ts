import { readFileSync } from 'node:fs';
import { printable } from '../formatting/value-text.ts';
import { ScriptFile } from '../runtime/script-file.ts';
import { USAGE_ERROR } from './exit-status.ts';
import { runCmdlets } from './run-cmdlets.ts';

/** Standard input, where a file's name is `-`. */
const STDIN = 0;

/** `FILE [ARGUMENT...]`: all of it is of the command language. @returns the status as of `-c`; 2 if it cannot be read */
export async function runFile(path: string, words: readonly string[]): Promise<number> {
  let text: string;
  try {
    text = readFileSync(path === '-' ? STDIN : path, 'utf8').replace(/^\uFEFF/u, '');
  } catch (error) {
    process.stderr.write(`holdfast: ${printable(reasonOf(path, error))}\n`);
    return USAGE_ERROR;
  }
  return runCmdlets(text, new ScriptFile(path, text, words));
}

function reasonOf(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return `there is no command or file ${path}; try 'holdfast --help'`;
  if (code === 'EISDIR') return `${path} is a folder`;
  return `${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}
