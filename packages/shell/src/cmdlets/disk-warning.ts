import { diskLine } from '../client/disk-line.ts';
import type { PSSession } from '../client/ps-session.ts';
import type { CmdletContext } from '../runtime/cmdlet.ts';

/** Warns of a session that was just connected, if its output does not go to its host's disk. */
export function warnOfDisk({ Name, ComputerName, remote }: PSSession, { writeWarning }: CmdletContext): void {
  const { info } = remote ?? {};
  if (info?.diskProblem !== undefined) writeWarning(`${Name}: ${diskLine(ComputerName, info.diskProblem, info)}`);
}
