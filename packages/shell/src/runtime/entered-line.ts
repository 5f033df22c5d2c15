import type { Block, Script, Statement } from '../language/syntax-tree.ts';
import type { Commands } from './cmdlet.ts';
import { ErrorRecord } from './error-record.ts';
import type { FunctionTable } from './function-table.ts';
import { isMisspelt } from './nearest-command.ts';

export type EnteredContext = {
  readonly commands: Pick<Commands, 'find' | 'load' | 'names'>;
  readonly functions: Pick<FunctionTable, 'find'>;
};

/** What a line at an entered prompt would do on this machine and not on the host, which is whose prompt it is. */
export async function whatActsHere(
  { statements }: Script,
  context: EnteredContext,
  computerName: string,
): Promise<ErrorRecord | undefined> {
  for (const word of statements.flatMap(firstCommands)) {
    if (context.functions.find(word) !== undefined) continue;
    const isKnown = context.commands.find(word) !== undefined;
    // A misspelt cmdlet says itself what it is called.
    if (!isKnown && isMisspelt(word, context.commands.names)) continue;
    const cmdlet = isKnown ? await context.commands.load(word) : undefined;
    // What only works on objects is of use behind others; at the beginning it has none but its own.
    if (cmdlet?.acts !== 'agent') return actsHere(cmdlet?.name ?? word, computerName);
  }
  return undefined;
}

/** At an entered prompt, what acts on this machine would be taken for what acts on the host. */
export function actsHere(name: string, computerName: string): ErrorRecord {
  const message = `${name} would act on this machine, not on ${computerName}: use ${computerName}'s own command, or leave the prompt first`;
  const record = new ErrorRecord('ActsOnThisMachine', 'InvalidOperation', message, { target: computerName });
  record.cmdlet = '';
  return record;
}

/** The words that the pipelines of a statement begin with. */
function firstCommands(statement: Statement): string[] {
  switch (statement.kind) {
    case 'pipeline': {
      const [first] = statement.stages;
      if (first?.kind === 'shell') return [first.text.split(/\s/u, 1)[0] ?? ''];
      return first?.kind === 'command' && first.name.kind === 'string' ? [first.name.value] : [];
    }
    case 'chain':
      return [...firstCommands(statement.left), ...firstCommands(statement.right)];
    case 'assignment':
      return firstCommands(statement.value);
    default:
      return blocksOf(statement).flatMap(({ statements }) => statements.flatMap(firstCommands));
  }
}

function blocksOf(statement: Statement): readonly Block[] {
  const bodies = 'body' in statement && statement.body.kind === 'block' ? [statement.body] : [];
  switch (statement.kind) {
    case 'if':
      return [...statement.clauses.map(({ body }) => body), ...some(statement.otherwise)];
    case 'switch':
      return statement.cases.map(({ body }) => body);
    case 'try':
      return [...bodies, ...statement.catches.map(({ body }) => body), ...some(statement.lastly)];
    default:
      return bodies;
  }
}

function some(block: Block | undefined): readonly Block[] {
  return block === undefined ? [] : [block];
}
