import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { HOLDFAST, processesWith } from '../../test/support/machine.ts';
import type { Row } from '../support/figures.ts';
import type { Rig } from '../support/rig.ts';
import { Terminal } from '../support/terminal.ts';

const SESSIONS = 10;

/** Proportional set size of the server's processes with ten idle sessions, the shells left out. */
export async function idleMemory(rig: Rig): Promise<Row[]> {
  const names = Array.from({ length: SESSIONS }, (_, i) => `idle${i}`);
  const ours = names.map((name) => new Terminal(HOLDFAST, ['enter', 'bench', '--name', name], rig.client.env));
  const theirs = names.map(() => new Terminal('ssh', rig.sshShell, rig.client.env));
  for (const terminal of [...ours, ...theirs]) await terminal.settle(300);
  await delay(1000);
  const agent = processesWith(`HOME=${rig.host.home}`).filter((pid) => commandOf(pid).includes('main.js'));
  const daemon = descendants(pidOf(rig.ssh.server)).filter((pid) => commandOf(pid).includes('sshd'));
  const row = { measure: 'memory, 10 idle sessions (PSS)', unit: 'MB', ours: pss(agent), ssh: pss(daemon) };
  for (const terminal of [...ours, ...theirs]) terminal.close();
  return [row];
}

function pss(pids: readonly number[]): number {
  const kilobytes = pids.map((pid) =>
    Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0),
  );
  return kilobytes.reduce((sum, size) => sum + size, 0) / 1024;
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
}

function descendants(pid: number): number[] {
  const children = readdirSync('/proc')
    .map(Number)
    .filter((candidate) => Number.isInteger(candidate) && parentOf(candidate) === pid);
  return [pid, ...children.flatMap(descendants)];
}

function parentOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    // It has ended meanwhile.
    return -1;
  }
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error(`${spawn.name} gave no pid`);
  return child.pid;
}
