import { setTimeout as delay } from 'node:timers/promises';
import { median, type Row } from '../support/figures.ts';
import type { Rig } from '../support/rig.ts';
import type { Terminal } from '../support/terminal.ts';

const RUNS = 5;
const FLOOD_MS = 1500;
const SLOW_BYTES_PER_SECOND = 5_000_000;

/** Ctrl-C under `yes`, with a terminal that takes 5 MB/s: until the prompt takes the next command's Enter and answers. */
export async function interruptFlood(rig: Rig): Promise<Row[]> {
  const samples = { ours: [] as number[], ssh: [] as number[] };
  for (let run = 0; run < RUNS; run += 1) {
    const { ours, theirs } = await rig.sessions();
    samples.ours.push(await interrupt(ours, `o${run}`));
    samples.ssh.push(await interrupt(theirs, `s${run}`));
    ours.close();
    theirs.close();
  }
  const [a, b] = [median(samples.ours), median(samples.ssh)];
  return [
    {
      measure: 'Ctrl-C under `yes`, 5 MB/s terminal, to the prompt',
      unit: 'ms',
      ours: a,
      ssh: b,
      must: '<= 0.25',
      within: a / b <= 0.25,
    },
  ];
}

async function interrupt(terminal: Terminal, mark: string): Promise<number> {
  terminal.type('yes\r');
  terminal.pace(SLOW_BYTES_PER_SECOND);
  await delay(FLOOD_MS);
  // Ctrl-C is echoed as ^C by both; the prompt that follows it ends the wait.
  const seen = terminal.seen(mark.startsWith('o') ? '> ' : '$ ');
  const start = performance.now();
  terminal.type('\x03');
  const end = await seen;
  terminal.pace(Infinity);
  return end - start;
}
