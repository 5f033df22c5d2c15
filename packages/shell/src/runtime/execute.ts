import type { Assignment, Statement } from '../language/syntax-tree.ts';
import { applyOperator, assign, evaluate, valueOf } from './evaluate.ts';
import { ErrorRecord } from './error-record.ts';
import type { Execution } from './execution.ts';
import { Flow } from './flow.ts';
import { runDo, runFor, runForeach, runWhile } from './loops.ts';
import { runPipeline } from './pipeline.ts';
import { ScriptBlock } from './script-block.ts';
import { runSwitch } from './switch-statement.ts';
import { ThrownError } from './thrown-error.ts';
import { runTry } from './try-statement.ts';
import { toBoolean, toInteger } from './value-conversion.ts';

/**
 * Runs statements and yields what they give, as it comes. An error ends its statement, is reported, and the next one
 * runs; `throw`, a stop and an exit end all, and so does any error in a `try`.
 */
export async function* runStatements(statements: readonly Statement[], execution: Execution): AsyncGenerator<unknown> {
  for (const statement of statements) {
    if (execution.file !== undefined) execution.file.at = statement.from;
    try {
      yield* runStatement(statement, execution);
    } catch (error) {
      if (error instanceof Flow || execution.signal.aborted) throw error;
      const record = ErrorRecord.from(error);
      execution.services.outcome.succeeded = false;
      if (record.endsLine || execution.catches === true) throw record;
      execution.streams.error(record);
    }
    if (execution.signal.aborted) return;
  }
}

type Of<K extends Statement['kind']> = Extract<Statement, { kind: K }>;
type Runners = {
  readonly [K in Statement['kind']]: (statement: Of<K>, execution: Execution) => AsyncGenerator<unknown>;
};

const RUNNERS: Runners = {
  pipeline: runPipeline,
  chain: runChain,
  if: runIf,
  foreach: runForeach,
  while: runWhile,
  for: runFor,
  do: runDo,
  switch: runSwitch,
  try: runTry,
  assignment: silently(async (statement, execution) => {
    await runAssignment(statement, execution);
    // A command on the right has said how it went.
    if (isExpression(statement.value)) execution.services.outcome.succeeded = true;
  }),
  function: silently(({ name, body }, { services }) => services.functions.define(name, new ScriptBlock('', body))),
  async *return({ value }, execution) {
    if (value !== undefined) yield* runStatement(value, execution);
    throw new Flow('return');
  },
  throw: silently(async ({ value }, execution) => {
    const thrown = value === undefined ? (execution.caught ?? 'ScriptHalted') : await valueOf(value, execution);
    if (!(thrown instanceof ErrorRecord)) throw new ThrownError(thrown);
    // A caught record is thrown on as it is.
    thrown.endsLine = true;
    throw thrown;
  }),
  exit: silently(async ({ value }, execution) => {
    throw new Flow('exit', value === undefined ? 0 : toInteger(await valueOf(value, execution)));
  }),
  break: silently(() => {
    throw new Flow('break');
  }),
  continue: silently(() => {
    throw new Flow('continue');
  }),
};

/** A statement that gives no value. */
function silently<S extends Statement>(
  work: (statement: S, execution: Execution) => void | Promise<void>,
): (statement: S, execution: Execution) => AsyncGenerator<unknown> {
  return async function* (statement, execution) {
    await work(statement, execution);
    yield* [];
  };
}

function runStatement(statement: Statement, execution: Execution): AsyncGenerator<unknown> {
  // Kind and statement belong together; the union cannot be narrowed by a computed key.
  const run = RUNNERS[statement.kind] as (statement: Statement, execution: Execution) => AsyncGenerator<unknown>;
  return run(statement, execution);
}

async function* runIf({ clauses, otherwise }: Of<'if'>, execution: Execution): AsyncGenerator<unknown> {
  for (const { condition, body } of clauses) {
    if (!toBoolean(await valueOf(condition, execution))) continue;
    yield* runStatements(body.statements, execution);
    return;
  }
  if (otherwise !== undefined) yield* runStatements(otherwise.statements, execution);
}

function isExpression(statement: Statement): boolean {
  return statement.kind === 'pipeline' && statement.stages.every(({ kind }) => kind === 'expression');
}

async function* runChain({ left, operator, right }: Of<'chain'>, execution: Execution): AsyncGenerator<unknown> {
  yield* runStatements([left], execution);
  if (execution.services.outcome.succeeded === (operator === '&&')) yield* runPipeline(right, execution);
}

async function runAssignment({ target, operator, value }: Assignment, execution: Execution): Promise<void> {
  if (operator === '??=') {
    if ((await evaluate(target, execution)) === null) await assign(target, await valueOf(value, execution), execution);
    return;
  }
  const right = await valueOf(value, execution);
  if (operator === '=') return assign(target, right, execution);
  const before = await evaluate(target, execution);
  return assign(target, applyOperator(operator.slice(0, -1), before, right, execution), execution);
}
