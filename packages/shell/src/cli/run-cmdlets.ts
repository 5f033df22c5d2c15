import { Remoting } from '../client/remoting.ts';
import { ConsoleHost } from '../console-host.ts';
import { printable } from '../formatting/value-text.ts';
import { connectionQuestions } from '../runtime/connection-questions.ts';
import { farewellLines } from '../runtime/farewell-lines.ts';
import { Runspace } from '../runtime/runspace.ts';
import type { ScriptFile } from '../runtime/script-file.ts';
import { StopOnSignal } from './stop-on-signal.ts';

/**
 * Runs text of the command language on the standard streams. @returns N of `exit N`, else the last native status, else 1 if an error
 * record was written, else 0; never 0 if an error ended it
 */
export async function runCmdlets(text: string, file?: ScriptFile): Promise<number> {
  using stop = new StopOnSignal();
  const host = new ConsoleHost();
  const runspace = new Runspace({ remoting: new Remoting(connectionQuestions(host, stop.signal)), host });
  await runspace.run(text, stop.signal, file);
  // A kill or a hang-up is no goodbye: every session is kept.
  if (!stop.isFinal) {
    for (const line of farewellLines(await runspace.remoting.goodbyeAll())) host.writeError(`${printable(line)}\n`);
  }
  if (runspace.exitStatus !== undefined) return runspace.exitStatus & 0xff;
  const own = runspace.exitCode ?? Number(runspace.failed);
  return stop.status(runspace.broke ? own || 1 : own);
}
