import { HostsFile } from '../../client/hosts.ts';
import { Remoting } from '../../client/remoting.ts';
import { parse } from '../../language/parser.ts';
import type { Command } from '../../language/syntax-tree.ts';
import type { Cmdlet } from '../cmdlet.ts';
import { evaluateArguments } from '../command-arguments.ts';
import { CommandTable } from '../command-table.ts';
import { runStatements } from '../execute.ts';
import type { Execution } from '../execution.ts';
import { FunctionTable } from '../function-table.ts';
import { JobTable } from '../job-table.ts';
import { bindArguments, type ParameterBinder } from '../parameter-binder.ts';
import { Scope } from '../scope.ts';
import { SpawnedShell } from '../spawned-shell.ts';
import { RecordingHost } from './recording-host.ts';

/** The command of a line that is nothing else. */
export function commandOf(line: string): Command | undefined {
  const [statement] = parse(line).script.statements;
  const stage = statement?.kind === 'pipeline' ? statement.stages[0] : undefined;
  return stage?.kind === 'command' ? stage : undefined;
}

/** Binds the arguments of a command line to a cmdlet. @throws ErrorRecord */
export async function bindLine(cmdlet: Cmdlet, line: string): Promise<ParameterBinder> {
  return bindArguments(cmdlet, await evaluateArguments(commandOf(line)?.elements ?? [], makeExecution()));
}

function makeExecution(): Execution {
  const ignore = (): void => {};
  const scope = Scope.global();
  scope.compute('true', { get: () => true });
  scope.compute('false', { get: () => false });
  return {
    services: {
      host: new RecordingHost(),
      remoting: new Remoting({ hosts: new HostsFile() }),
      commands: new CommandTable({}),
      functions: new FunctionTable(),
      jobs: new JobTable(),
      nativeShell: new SpawnedShell(),
      outcome: { succeeded: true, exitCode: undefined },
      addError: ignore,
      keepError: ignore,
    },
    scope,
    streams: { error: ignore, nativeError: ignore, warning: ignore, verbose: ignore, information: ignore },
    signal: new AbortController().signal,
    depth: 0,
    run: runStatements,
  };
}
