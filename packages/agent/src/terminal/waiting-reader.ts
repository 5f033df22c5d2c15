import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { processStat } from './foreground-group.ts';

/** Whether somebody reads a terminal: `unknown` where the system does not say, or says it of others only. */
export type Reading = 'yes' | 'no' | 'unknown';

/** Numbers of the calls that read, and of those that wait for several descriptors (syscalls(2)). */
const CALLS: Partial<Record<NodeJS.Architecture, { read: readonly number[]; wait: readonly number[] }>> = {
  x64: { read: [0, 19], wait: [7, 23, 232, 270, 271, 281] },
  arm64: { read: [63, 65], wait: [22, 72, 73] },
};
/** A shell has no more descendants that matter; a bound on what one look costs. */
const MAX_PROCESSES = 256;

/**
 * Whether a process in the foreground of a terminal, `shell` or one below it, is blocked in read(2) on the terminal.
 * Linux tells it of processes of the same user (/proc/PID/syscall); a program of another user, as behind sudo, is unknown.
 */
export function readsTerminal(shell: number, slavePath: string): Reading {
  const calls = CALLS[process.arch];
  const stat = processStat(shell);
  if (calls === undefined || stat === undefined || process.platform !== 'linux') return 'unknown';
  const foreground = descendants(shell).filter((pid) => processStat(pid)?.group === stat.terminalGroup);
  const readings = foreground.map((pid) => readingOf(pid, slavePath, calls));
  if (readings.includes('yes')) return 'yes';
  return readings.includes('unknown') ? 'unknown' : 'no';
}

function descendants(shell: number): number[] {
  const found = [shell];
  for (const pid of found) {
    if (found.length >= MAX_PROCESSES) break;
    found.push(...childrenOf(pid));
  }
  return found;
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    // It has just ended.
    return [];
  }
}

function readingOf(
  pid: number,
  slavePath: string,
  { read, wait }: { read: readonly number[]; wait: readonly number[] },
): Reading {
  try {
    const [call = '', fd = ''] = readFileSync(`/proc/${pid}/syscall`, 'latin1').split(' ');
    if (read.includes(Number(call))) return isTerminal(pid, Number(fd), slavePath) ? 'yes' : 'no';
    if (!wait.includes(Number(call))) return 'no';
    // Which descriptors it waits for stands in its memory.
    const descriptors = readdirSync(`/proc/${pid}/fd`).map(Number);
    return descriptors.some((one) => isTerminal(pid, one, slavePath)) ? 'unknown' : 'no';
  } catch {
    // It has just ended, or belongs to another user.
    return processStat(pid) === undefined ? 'no' : 'unknown';
  }
}

function isTerminal(pid: number, fd: number, slavePath: string): boolean {
  const target = readlinkSync(`/proc/${pid}/fd/${fd}`);
  return target === slavePath || target === '/dev/tty';
}
