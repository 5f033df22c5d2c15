import type { Command, ExpressionStage, Pipeline, ShellStage } from '../language/syntax-tree.ts';
import { laterName } from './aliases.ts';
import { Breather } from './breather.ts';
import { runCmdlet } from './cmdlet-stage.ts';
import { evaluateArguments } from './command-arguments.ts';
import { ErrorRecord } from './error-record.ts';
import { evaluate } from './evaluate.ts';
import type { Execution } from './execution.ts';
import { callBlock } from './function-call.ts';
import { runNative } from './native-command.ts';
import type { NativeCommand } from './native-text.ts';
import { isMisspelt } from './nearest-command.ts';
import { redirected } from './redirection.ts';
import { ScriptBlock } from './script-block.ts';
import { toText } from './value-conversion.ts';

/** What a stage runs. */
type Runnable =
  | { readonly kind: 'cmdlet'; readonly command: Command; readonly name: string }
  | { readonly kind: 'block'; readonly command: Command; readonly block: ScriptBlock; readonly name?: string }
  | { readonly kind: 'native'; readonly native: NativeCommand };

type Stream = AsyncIterable<unknown> | undefined;

/**
 * Runs a pipeline and yields its results as they come: every stage pulls from the one before it, and one that has
 * enough ends those before it. Native commands side by side run as one text, with the shell's own pipes.
 * @throws ErrorRecord that names the cmdlet, when an error ends it
 */
export async function* runPipeline({ stages }: Pipeline, execution: Execution): AsyncGenerator<unknown> {
  let stream: Stream;
  // Ends the stages before a native command that reads no more, though they may wait for something of their own.
  let { cut, before } = upTo(stages.length, execution);
  for (let at = 0; at < stages.length; at++) {
    const stage = stages[at];
    if (stage === undefined) break;
    const input = stream;
    if (stage.kind === 'expression') {
      stream = redirected(stage.redirections, before, (inner) => runExpression(stage, inner));
      continue;
    }
    const runnable = await resolve(stage, execution, at > 0);
    if (runnable.kind !== 'native') {
      stream = redirected(runnable.command.redirections, before, (inner) => runCommand(runnable, input, inner));
      continue;
    }
    const natives = [runnable.native];
    for (let next = stages[at + 1]; next !== undefined && next.kind !== 'expression'; next = stages[at + 1]) {
      const other = await resolve(next, execution, true);
      if (other.kind !== 'native') break;
      natives.push(other.native);
      at++;
    }
    const ended = cut;
    ({ cut, before } = upTo(stages.length - at, execution));
    const alone = natives.length === stages.length && execution.screen !== undefined;
    stream = runNative(natives, input === undefined ? { alone } : { alone, objects: input, cut: ended }, before);
  }
  if (stream !== undefined) yield* stream;
}

/** @param count stages from here on; a single one has none behind it that would read no more */
function upTo(count: number, execution: Execution): { cut?: AbortController; before: Execution } {
  if (count === 1) return { before: execution };
  const cut = new AbortController();
  return { cut, before: { ...execution, screen: undefined, signal: AbortSignal.any([execution.signal, cut.signal]) } };
}

/** Values of a list one by one; `$i++` gives none, and a command in parentheses may give none. */
async function* runExpression({ expression }: ExpressionStage, execution: Execution): AsyncGenerator<unknown> {
  const value = await evaluate(expression, execution);
  execution.services.outcome.succeeded = true;
  if (value === undefined || (expression.kind === 'unary' && /^(?:\+\+|--)$/u.test(expression.operator))) return;
  if (!Array.isArray(value)) {
    yield value;
    return;
  }
  const breather = new Breather(execution.signal);
  for (const one of value) {
    await breather.breathe();
    yield one;
  }
}

/** A function goes before a cmdlet; what is neither is the shell's. @throws ErrorRecord CommandNotFoundException */
async function resolve(command: Command | ShellStage, execution: Execution, isLater: boolean): Promise<Runnable> {
  if (command.kind === 'shell') return { kind: 'native', native: command };
  const { commands, functions } = execution.services;
  const value = await evaluate(command.name, execution);
  if (value instanceof ScriptBlock) return { kind: 'block', command, block: value };
  const name = isLater ? laterName(toText(value)) : toText(value);
  if (name === '') {
    const message = 'The expression after & gave nothing that could be run.';
    throw new ErrorRecord('BadExpression', 'InvalidOperation', message);
  }
  const block = functions.find(name);
  if (block !== undefined) return { kind: 'block', command, block, name };
  // A misspelt cmdlet is no program, and loading it says what it is called.
  const isShells = commands.isShells(name) && execution.services.host.entered === undefined;
  const isCmdlet = !isShells && (commands.find(name) !== undefined || isMisspelt(name, commands.names));
  if (isCmdlet) return { kind: 'cmdlet', command, name };
  return { kind: 'native', native: { command, name } };
}

async function* runCommand(
  runnable: Exclude<Runnable, { kind: 'native' }>,
  input: Stream,
  execution: Execution,
): AsyncGenerator<unknown> {
  execution.services.outcome.succeeded = true;
  const given = await evaluateArguments(runnable.command.elements, execution);
  if (runnable.kind === 'cmdlet') {
    yield* runCmdlet(await execution.services.commands.load(runnable.name), given, input, execution);
    return;
  }
  const dotted = runnable.command.invocation === 'dot';
  const call = { name: runnable.name, arguments: given, input, dotted };
  yield* callBlock(runnable.block, call, execution);
}
