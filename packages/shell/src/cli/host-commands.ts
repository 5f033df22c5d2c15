import { ConsoleHost } from '../console-host.ts';
import { connectionQuestions } from '../runtime/connection-questions.ts';
import type { CliCommand } from './cli-command.ts';

type HostCommand = Extract<CliCommand, { kind: 'run' | 'sessions' | 'disconnect' | 'stop' | 'doctor' }>;

/** The commands that connect to a host, each loaded when it is used. @returns the exit status @throws RemotingError */
export async function execute(command: HostCommand): Promise<number> {
  const questions = connectionQuestions(new ConsoleHost(), new AbortController().signal);
  switch (command.kind) {
    case 'run':
      if (!command.terminal) return (await import('./run-command.ts')).runCommand(command, questions);
      return (await import('./run-on-terminal.ts')).runOnTerminal(command, questions);
    case 'sessions':
      return (await import('./list-sessions.ts')).listSessions(command, questions);
    case 'disconnect':
    case 'stop':
      return (await import('./change-session.ts')).changeSession(command, questions);
    case 'doctor':
      return (await import('./doctor.ts')).doctor(command.host, questions);
  }
}
