import type { Pipeline } from '../language/syntax-tree.ts';
import type { Cmdlet } from './cmdlet.ts';
import { createContext, type CommandServices } from './command-context.ts';
import { ErrorRecord } from './error-record.ts';
import { bindArguments } from './parameter-binder.ts';

/**
 * Runs a pipeline and yields its results as they come.
 * @throws ErrorRecord that names the cmdlet, when an error ends it
 */
export async function* runPipeline(
  pipeline: Pipeline,
  services: CommandServices,
  signal: AbortSignal,
): AsyncGenerator<unknown> {
  for (const command of pipeline.commands) {
    const cmdlet = await services.commands.load(command.name.value);
    try {
      refuseOnOtherMachine(cmdlet, services.host.entered?.ComputerName);
      const bound = bindArguments(cmdlet, command.elements);
      yield* cmdlet.process(bound.values, createContext(cmdlet, bound, services, signal));
    } catch (error) {
      const record = ErrorRecord.from(error);
      record.cmdlet ??= cmdlet.name;
      throw record;
    }
  }
}

/** At an entered prompt, a cmdlet that acts on this machine would be taken for one that acts on the host. */
function refuseOnOtherMachine(cmdlet: Cmdlet, computerName: string | undefined): void {
  if (computerName === undefined || cmdlet.acts === 'agent') return;
  const message = `${cmdlet.name} would act on this machine, not on ${computerName}: use ${computerName}'s own command, or leave the prompt first`;
  const record = new ErrorRecord('ActsOnThisMachine', 'InvalidOperation', message, { target: computerName });
  record.cmdlet = '';
  throw record;
}
