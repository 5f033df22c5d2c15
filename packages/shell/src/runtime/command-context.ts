import { formatError } from '../formatting/error-view.ts';
import type { Cmdlet, CmdletContext, Commands } from './cmdlet.ts';
import type { ActionPreference } from './common-parameters.ts';
import { ErrorRecord } from './error-record.ts';
import type { Host } from './host.ts';
import type { BoundArguments } from './parameter-binder.ts';
import { ShouldProcess } from './should-process.ts';
import type { Remoting } from '../client/remoting.ts';

/** What all commands of a runspace share. */
export type CommandServices = {
  readonly host: Host;
  readonly remoting: Remoting;
  readonly commands: Commands;
  /** Keeps an error record. */
  readonly addError: (record: ErrorRecord) => void;
};

/** Makes the context in which one call of a cmdlet runs. */
export function createContext(
  cmdlet: Cmdlet,
  bound: BoundArguments,
  services: CommandServices,
  signal: AbortSignal,
): CmdletContext {
  const { host, remoting, commands } = services;
  const { common, parameterSet } = bound;
  const shouldProcess = new ShouldProcess({ host, signal, whatIf: common.whatIf, confirm: common.confirm });
  const verb = cmdlet.name.slice(0, cmdlet.name.indexOf('-'));
  return {
    host,
    remoting,
    commands,
    signal,
    parameterSet,
    writeError: async (error) => {
      // A stop is not a failure of one object: it ends the command.
      if (signal.aborted) throw error;
      const record = ErrorRecord.from(error);
      record.cmdlet ??= cmdlet.name;
      await reportError(record, common.errorAction, services, signal);
    },
    writeWarning: (text) => {
      if (!isQuiet(common.warningAction)) host.writeError(`WARNING: ${text}\n`);
    },
    writeInformation: (text) => {
      if (host.interactive && !isQuiet(common.informationAction)) host.writeError(`${text}\n`);
    },
    writeVerbose: (text) => {
      if (common.verbose) host.writeError(`VERBOSE: ${text}\n`);
    },
    shouldProcess: (target, action = verb) => shouldProcess.ask(target, action),
  };
}

function isQuiet(action: ActionPreference): boolean {
  return action === 'Ignore' || action === 'SilentlyContinue';
}

/** Does with a non-terminating error what -ErrorAction says. @throws the record where that ends the command */
async function reportError(
  record: ErrorRecord,
  action: ActionPreference,
  services: CommandServices,
  signal: AbortSignal,
): Promise<void> {
  switch (action) {
    case 'Ignore':
      return;
    case 'Stop':
    case 'Suspend':
    case 'Break':
      throw record;
    case 'Inquire':
      if (!(await shallContinue(record, services.host, signal))) throw record;
      break;
    case 'Continue':
    case 'SilentlyContinue':
  }
  services.addError(record);
  if (action !== 'SilentlyContinue') services.host.writeError(formatError(record));
}

async function shallContinue(record: ErrorRecord, host: Host, signal: AbortSignal): Promise<boolean> {
  if (!host.interactive) return false;
  const choices = ['&Yes', '&Halt Command'];
  return (await host.confirm({ caption: 'Confirm', text: record.message, choices, default: 0 }, signal)) === 0;
}
