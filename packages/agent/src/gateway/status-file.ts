import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { assertReadable } from '../assert-readable.ts';
import type { Log } from '../log/log.ts';

/** What a running gateway leaves in the state folder for `holdfast-agent status`. */
export const GatewayStatus = v.object({
  pid: v.number(),
  /** Start of the process in clock ticks since boot (proc(5)), so that a process id used again is not mistaken. */
  processStart: v.string(),
  url: v.string(),
  hostKey: v.string(),
  version: v.string(),
  buildId: v.string(),
  /** Milliseconds since 1970. */
  startedAt: v.number(),
  /** Where the metrics are, if there are any. */
  metrics: v.optional(v.string()),
});
export type GatewayStatus = v.InferOutput<typeof GatewayStatus>;

const FILE = 'gateway.json';

/** Writes the file of this process. Without it, as on a full disk, the gateway only cannot be asked for its status: that is logged. */
export function writeStatusFile(stateDir: string, status: Omit<GatewayStatus, 'pid' | 'processStart'>, log: Log): void {
  const file = path.join(stateDir, FILE);
  const whole = { ...status, pid: process.pid, processStart: processStart(process.pid) ?? '' };
  const fresh = `${file}.${process.pid}`;
  try {
    writeFileSync(fresh, `${JSON.stringify(whole)}\n`, { mode: 0o600 });
    renameSync(fresh, file);
  } catch (error) {
    log('status.failed', { message: error instanceof Error ? error.message : String(error) });
    rmSync(fresh, { force: true });
  }
}

/** Removes the file, unless it is another gateway's by now. */
export function removeStatusFile(stateDir: string): void {
  if (readFile(stateDir)?.pid === process.pid) rmSync(path.join(stateDir, FILE), { force: true });
}

/**
 * The gateway that runs on this state folder; undefined when none does, also when one was killed.
 * @throws RemotingError AccessDenied when this user may not look
 */
export function readStatusFile(stateDir: string): GatewayStatus | undefined {
  assertReadable(path.join(stateDir, FILE));
  const status = readFile(stateDir);
  if (status === undefined || processStart(status.pid) !== status.processStart) return undefined;
  return status;
}

function readFile(stateDir: string): GatewayStatus | undefined {
  try {
    const result = v.safeParse(GatewayStatus, JSON.parse(readFileSync(path.join(stateDir, FILE), 'utf8')));
    return result.success ? result.output : undefined;
  } catch {
    // No file, or a damaged one: no gateway that could be named.
    return undefined;
  }
}

/** Field 22 of /proc/PID/stat, if the process is not a zombie; the name before it, in parentheses, may hold anything. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    // There is no such process.
    return undefined;
  }
}
