import type { SwitchCase, SwitchStatement } from '../language/syntax-tree.ts';
import { Breather } from './breather.ts';
import { applyOperator, evaluate, valueOf } from './evaluate.ts';
import { runBlock } from './execute-block.ts';
import { collect, type Execution } from './execution.ts';
import { Flow } from './flow.ts';
import { ScriptBlock } from './script-block.ts';
import { toBoolean, toList } from './value-conversion.ts';

const OPERATORS: Readonly<Record<SwitchStatement['match'], string>> = { exact: 'eq', wildcard: 'like', regex: 'match' };

/**
 * Runs every branch that fits, for each value of a list (about_Switch): `break` ends it, `continue` goes to the next
 * value, `default` is for a value that no branch was for.
 */
export async function* runSwitch(statement: SwitchStatement, execution: Execution): AsyncGenerator<unknown> {
  const breather = new Breather(execution.signal);
  for (const value of toList(await valueOf(statement.value, execution))) {
    await breather.breathe();
    try {
      yield* runCases(statement, value, { ...execution, scope: execution.scope.withItem(value) });
    } catch (error) {
      if (Flow.is(error, 'break')) return;
      if (!Flow.is(error, 'continue')) throw error;
    }
  }
}

async function* runCases(statement: SwitchStatement, value: unknown, execution: Execution): AsyncGenerator<unknown> {
  let found = false;
  for (const one of statement.cases) {
    if (one.pattern === undefined || !(await fits(one.pattern, value, statement, execution))) continue;
    found = true;
    yield* execution.run(one.body.statements, execution);
  }
  const otherwise = found ? undefined : statement.cases.find(({ pattern }) => pattern === undefined);
  if (otherwise !== undefined) yield* execution.run(otherwise.body.statements, execution);
}

async function fits(
  pattern: NonNullable<SwitchCase['pattern']>,
  value: unknown,
  { match, caseSensitive }: SwitchStatement,
  execution: Execution,
): Promise<boolean> {
  const wanted = await evaluate(pattern, execution);
  if (wanted instanceof ScriptBlock) {
    return toBoolean(await collect(runBlock(wanted, { ...execution, screen: undefined })));
  }
  return toBoolean(applyOperator(`-${caseSensitive ? 'c' : ''}${OPERATORS[match]}`, value, wanted, execution));
}
