import type { TryStatement } from '../language/syntax-tree.ts';
import { ErrorRecord } from './error-record.ts';
import type { Execution } from './execution.ts';
import { Flow } from './flow.ts';

/** Types of all errors, without their namespaces. */
const ANY = new Set(['exception', 'systemexception', 'runtimeexception', 'errorrecord']);

/**
 * Runs `try`: what would end a statement goes to the first `catch` that is for it, which has the error record as `$_`.
 * What a cmdlet only reports goes on to the error stream, as in PowerShell (about_Try_Catch_Finally).
 */
export async function* runTry({ body, catches, lastly }: TryStatement, execution: Execution): AsyncGenerator<unknown> {
  try {
    yield* execution.run(body.statements, { ...execution, catches: true });
  } catch (error) {
    if (error instanceof Flow || execution.signal.aborted) throw error;
    const record = ErrorRecord.from(error);
    const handler = catches.find(({ types }) => types.length === 0 || types.some((type) => isOf(record, type)));
    if (handler === undefined) throw record;
    execution.services.keepError(record);
    const scope = execution.scope.withItem(record);
    yield* execution.run(handler.body.statements, { ...execution, scope, caught: record });
  } finally {
    // Who stops a line does not wait for what else it wanted to do.
    if (lastly !== undefined && !execution.signal.aborted) yield* execution.run(lastly.statements, execution);
  }
}

/** `[System.Management.Automation.CommandNotFoundException]` is of the records with that id, with or without the ending. */
function isOf({ id }: ErrorRecord, type: string): boolean {
  const name = type.slice(type.lastIndexOf('.') + 1).toLowerCase();
  return ANY.has(name) || name.replace(/exception$/u, '') === id.toLowerCase().replace(/exception$/u, '');
}
