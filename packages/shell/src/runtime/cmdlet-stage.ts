import type { Cmdlet } from './cmdlet.ts';
import type { Argument } from './command-arguments.ts';
import { CallContext } from './command-context.ts';
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
    refuseOnOtherMachine(cmdlet, execution.services.host.entered?.ComputerName);
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

/** Makes a record of what a cmdlet threw; a flow of control or a record that has its name stays. */
function named(error: unknown, name: string): unknown {
  if (error instanceof Flow) return error;
  const record = ErrorRecord.from(error);
  record.cmdlet ??= name;
  return record;
}

/** At an entered prompt, a cmdlet that acts on this machine would be taken for one that acts on the host. */
function refuseOnOtherMachine(cmdlet: Cmdlet, computerName: string | undefined): void {
  if (computerName === undefined || cmdlet.acts !== 'client') return;
  const message = `${cmdlet.name} would act on this machine, not on ${computerName}: use ${computerName}'s own command, or leave the prompt first`;
  const record = new ErrorRecord('ActsOnThisMachine', 'InvalidOperation', message, { target: computerName });
  record.cmdlet = '';
  throw record;
}
