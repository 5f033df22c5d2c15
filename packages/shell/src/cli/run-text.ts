import { Remoting, type Farewell } from '../client/remoting.ts';
import { printable } from '../formatting/value-text.ts';
import type { ConnectionQuestions } from '../runtime/connection-questions.ts';
import type { Host } from '../runtime/host.ts';
import { Runspace } from '../runtime/runspace.ts';
import { runLocal } from './run-local.ts';
import { StopOnSignal } from './stop-on-signal.ts';

/** What `-c` needs from outside. */
type Surroundings = { readonly host: Host; readonly questions: ConnectionQuestions };

/**
 * `-c TEXT`: our cmdlets, or else the local shell with pipes.
 * @returns N of `exit N`, else the shell's status, else 1 when an error record was written, else 0
 */
export async function runText(text: string, { host, questions }: Surroundings): Promise<number> {
  const runspace = new Runspace({ remoting: new Remoting(questions), host });
  if (!runspace.owns(text)) return runLocal(text);
  using stop = new StopOnSignal();
  await runspace.run(text, stop.signal);
  tell(await runspace.remoting.goodbyeAll(), host);
  if (runspace.exitStatus !== undefined) return runspace.exitStatus & 0xff;
  return stop.status(Math.sign(runspace.errors.length));
}

/** One line for each session that the end of this client changes. */
function tell({ closed, left, failed }: Farewell, host: Host): void {
  for (const { Name, ComputerName } of closed)
    host.writeError(printable(`Closed ${Name} on ${ComputerName}: nothing ran in it`) + '\n');
  for (const { Name, ComputerName, ExpiresOn } of left) {
    const until = ExpiresOn === undefined ? '' : ` until ${ExpiresOn.toLocaleString()}`;
    host.writeError(printable(`Left ${Name} on ${ComputerName} running${until}`) + '\n');
  }
  for (const { computerName, error } of failed) {
    const reason = error instanceof Error ? error.message : String(error);
    host.writeError(printable(`${computerName} keeps its sessions, since it could not be told: ${reason}`) + '\n');
  }
}
