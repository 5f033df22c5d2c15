import { spawnSync } from 'node:child_process';
import { HOLDFAST } from '../../test/support/machine.ts';
import { median, type Row } from '../support/figures.ts';
import type { Rig } from '../support/rig.ts';

const RUNS = 15;

/** A whole client process that runs `true` on the host, from its start to its end. */
export async function coldOneShot(rig: Rig): Promise<Row[]> {
  const ours: number[] = [];
  const ssh: number[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    ours.push(timed(HOLDFAST, ['run', 'bench', '--', 'true'], rig.client.env));
    ssh.push(timed('ssh', [...rig.ssh.client, 'true'], rig.client.env));
  }
  return [{ measure: 'cold one-shot `true`', unit: 'ms', ours: median(ours), ssh: median(ssh) }];
}

function timed(file: string, args: readonly string[], env: Record<string, string>): number {
  const start = performance.now();
  const result = spawnSync(file, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
  if (result.status !== 0) throw new Error(`${file} ${args.join(' ')}: ${result.stderr.toString()}`);
  return performance.now() - start;
}
