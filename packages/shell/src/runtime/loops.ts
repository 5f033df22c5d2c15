import type {
  DoStatement,
  ForeachStatement,
  ForStatement,
  Statement,
  WhileStatement,
} from '../language/syntax-tree.ts';
import { Breather } from './breather.ts';
import { valueOf } from './evaluate.ts';
import type { Execution } from './execution.ts';
import { Flow } from './flow.ts';
import { toBoolean, toList } from './value-conversion.ts';

/** Runs the body for each value of a list. */
export async function* runForeach(
  { variable, collection, body }: ForeachStatement,
  execution: Execution,
): AsyncGenerator<unknown> {
  const breather = new Breather(execution.signal);
  for (const value of toList(await valueOf(collection, execution))) {
    await breather.breathe();
    execution.scope.set(variable.name, value);
    if (yield* runTurn(body.statements, execution)) return;
  }
}

/** Runs the body while the condition holds. */
export async function* runWhile({ condition, body }: WhileStatement, execution: Execution): AsyncGenerator<unknown> {
  const breather = new Breather(execution.signal);
  while (toBoolean(await valueOf(condition, execution))) {
    if (yield* runTurn(body.statements, execution)) return;
    await breather.breathe();
  }
}

/** What the head's parts give is shown to nobody. */
export async function* runFor(
  { initial, condition, step, body }: ForStatement,
  execution: Execution,
): AsyncGenerator<unknown> {
  const breather = new Breather(execution.signal);
  if (initial !== undefined) await valueOf(initial, execution);
  while (condition === undefined || toBoolean(await valueOf(condition, execution))) {
    if (yield* runTurn(body.statements, execution)) return;
    if (step !== undefined) await valueOf(step, execution);
    await breather.breathe();
  }
}

/** Runs the body once, and again while, or until, the condition holds. */
export async function* runDo({ body, until, condition }: DoStatement, execution: Execution): AsyncGenerator<unknown> {
  const breather = new Breather(execution.signal);
  do {
    await breather.breathe();
    if (yield* runTurn(body.statements, execution)) return;
  } while (toBoolean(await valueOf(condition, execution)) !== until);
}

/** One turn of a loop. @returns true when the loop is over */
async function* runTurn(statements: readonly Statement[], execution: Execution): AsyncGenerator<unknown, boolean> {
  try {
    yield* execution.run(statements, execution);
  } catch (error) {
    if (Flow.is(error, 'break')) return true;
    if (!Flow.is(error, 'continue')) throw error;
  }
  return false;
}
