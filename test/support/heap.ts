import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'vitest';
import type { Machine } from './machine.ts';

const FIXTURE = join(import.meta.dirname, 'heap.fixture.mjs');

/** What a process of ours is started with so that usedBytes() can ask it. One at a time on a machine. */
export function measuredEnvironment({ home }: Machine): Record<string, string> {
  const { href } = pathToFileURL(FIXTURE);
  return { NODE_OPTIONS: `--expose-gc --import=${href}`, HEAP_REPORT: join(home, 'heap-report') };
}

/**
 * Memory that such a process uses after a garbage collection, in bytes: JavaScript’s and that of its buffers. What the C
 * library keeps of what was freed, which is in the size of the process, is not in it.
 */
export async function usedBytes(pid: number, { home }: Machine): Promise<number> {
  const report = join(home, 'heap-report');
  rmSync(report, { force: true });
  process.kill(pid, 'SIGUSR2');
  await expect.poll(() => existsSync(report), { timeout: 60_000 }).toBe(true);
  return Number(readFileSync(report, 'utf8'));
}
