import type { Cmdlet } from './cmdlet.ts';
import type { Argument } from './command-arguments.ts';
import { CallContext } from './command-context.ts';
import { actsHere } from './entered-line.ts';
import { ErrorRecord } from './error-record.ts';
import type { Execution } from './execution.ts';
import { Flow } from './flow.ts';
import { bindArguments } from './parameter-binder.ts';

/**
 * Runs a cmdlet as a stage of a pipeline: once without input or for a cmdlet that takes all of it, else once for each
 * object.
 * @throws ErrorRecord that names the cmdlet
 */
export async function* runCmdlet(
  cmdlet: Cmdlet,
  given: readonly Argument[],
  input: AsyncIterable<unknown> | undefined,
  execution: Execution,
): AsyncGenerator<unknown> {
  try {
    const computerName = execution.services.host.entered?.ComputerName;
    if (computerName !== undefined && cmdlet.acts === 'client') throw actsHere(cmdlet.name, computerName);
    if (given.some(isHelpAsked)) {
      yield* helpOf(cmdlet, execution);
      return;
    }
    const binder = bindArguments(cmdlet, given);
    const call = new CallContext(cmdlet, binder.common, execution);
    if (input === undefined || cmdlet.input === 'all') {
      const { parameterSet, values } = binder.finish();
      yield* call.collecting(cmdlet.process(values, call.context(parameterSet, input)));
      return;
    }
    for await (const object of input) {
      const bound = binder.withInput(object);
      if (bound instanceof ErrorRecord) await call.writeError(bound);
      else yield* call.collecting(cmdlet.process(bound.values, call.context(bound.parameterSet)));
    }
  } catch (error) {
    throw named(error, cmdlet.name);
  }
}

/** `-?`, as PowerShell's commands have it. */
function isHelpAsked(argument: Argument): boolean {
  return argument.kind === 'parameter' && argument.name === '?';
}

async function* helpOf({ name }: Cmdlet, execution: Execution): AsyncGenerator<unknown> {
  const help = await execution.services.commands.load('Get-Help');
  yield* runCmdlet(help, [{ kind: 'value', value: name }], undefined, execution);
}

/** Makes a record of what a cmdlet threw; a flow of control or a record that has its name stays. */
function named(error: unknown, name: string): unknown {
  if (error instanceof Flow) return error;
  const record = ErrorRecord.from(error);
  record.cmdlet ??= name;
  return record;
}
