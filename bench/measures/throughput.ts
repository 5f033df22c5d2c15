import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, type Row } from '../support/figures.ts';
import type { Rig } from '../support/rig.ts';
import type { Terminal } from '../support/terminal.ts';

const RUNS = 3;
const MEGABYTES = 100;

/** 100 MB of text lines through the terminal, read as fast as they come. */
export async function throughput(rig: Rig): Promise<Row[]> {
  const file = join(rig.host.home, 'big.txt');
  writeFileSync(file, Buffer.alloc(MEGABYTES * 1_000_000, `${'0123456789'.repeat(7)}abcdefgh\n`));
  const { ours, theirs } = await rig.sessions();
  const samples = { ours: [] as number[], ssh: [] as number[] };
  for (let run = 0; run < RUNS; run += 1) {
    samples.ours.push(await rate(ours, file));
    samples.ssh.push(await rate(theirs, file));
  }
  ours.close();
  theirs.close();
  return [
    { measure: '100 MB through the terminal', unit: 'MB/s', ours: median(samples.ours), ssh: median(samples.ssh) },
  ];
}

async function rate(terminal: Terminal, file: string): Promise<number> {
  const seen = terminal.seen('THE-END', 120_000);
  const start = performance.now();
  terminal.type(`cat ${file}; printf 'THE-''END\\n'\r`);
  const seconds = ((await seen) - start) / 1000;
  await terminal.settle();
  return MEGABYTES / seconds;
}
