import { CommandTable } from '../runtime/command-table.ts';
import { FunctionTable } from '../runtime/function-table.ts';
import { ownsLine } from '../runtime/owns-line.ts';
import { runLocal } from './run-local.ts';

/**
 * `-c TEXT`: our cmdlets, or else the local shell with pipes.
 * @returns N of `exit N`, else the shell's status, else 1 if an error record was written, else 0
 */
export async function runText(text: string): Promise<number> {
  const context = { commands: new CommandTable(), functions: new FunctionTable(), host: { entered: undefined } };
  if (!ownsLine(text, context)) return runLocal(text);
  return (await import('./run-cmdlets.ts')).runCmdlets(text);
}
