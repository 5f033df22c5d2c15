import { readFileSync } from 'node:fs';

/** A process as proc_pid_stat(5) has it; undefined where it has ended, or there is no /proc. */
export function processStat(pid: number): { group: number; terminalGroup: number } | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { group: Number(fields[2]), terminalGroup: Number(fields[5]) };
  } catch {
    // It has just ended.
    return undefined;
  }
}

/** Process group that the signals of the terminal of `pid` go to. */
export function foregroundGroup(pid: number): number | undefined {
  const group = processStat(pid)?.terminalGroup ?? 0;
  return group > 1 ? group : undefined;
}
