import { median, type Row } from '../support/figures.ts';
import type { Rig } from '../support/rig.ts';
import type { Terminal } from '../support/terminal.ts';

/** Commands of a session that V8 has not seen often enough to optimize their way; the rest of the day it has. */
const FIRST_RUNS = 100;
const RUNS = 100;

/** A command typed at the prompt of an open session: from its Enter, or from the whole line at once, to its output's end. */
export async function typedCommand(rig: Rig): Promise<Row[]> {
  const { ours, theirs } = await rig.sessions();
  const first = { ours: [] as number[], ssh: [] as number[] };
  for (let run = 0; run < FIRST_RUNS; run += 1) {
    first.ours.push(await enter(ours, `f${run}`));
    first.ssh.push(await enter(theirs, `g${run}`));
  }
  const samples = { ours: [] as number[], ssh: [] as number[], oursPasted: [] as number[], sshPasted: [] as number[] };
  for (let run = 0; run < RUNS; run += 1) {
    samples.ours.push(await enter(ours, `o${run}`));
    samples.ssh.push(await enter(theirs, `s${run}`));
    samples.oursPasted.push(await atOnce(ours, `p${run}`));
    samples.sshPasted.push(await atOnce(theirs, `q${run}`));
  }
  ours.close();
  theirs.close();
  const ratio = median(samples.ours) / median(samples.ssh);
  return [
    {
      measure: `typed command, the first ${FIRST_RUNS} of a session`,
      unit: 'ms',
      ours: median(first.ours),
      ssh: median(first.ssh),
    },
    {
      measure: 'typed command, Enter to its output',
      unit: 'ms',
      ours: median(samples.ours),
      ssh: median(samples.ssh),
      must: '<= 1.2',
      within: ratio <= 1.2,
    },
    {
      measure: 'whole line at once to its output',
      unit: 'ms',
      ours: median(samples.oursPasted),
      ssh: median(samples.sshPasted),
    },
  ];
}

async function enter(terminal: Terminal, mark: string): Promise<number> {
  terminal.type(quoted(mark));
  await terminal.settle();
  return press(terminal, '\r', mark);
}

async function atOnce(terminal: Terminal, mark: string): Promise<number> {
  return press(terminal, `${quoted(mark)}\r`, mark);
}

/** The quotes keep the echo of what is typed from looking like its output. */
function quoted(mark: string): string {
  return `echo ${mark[0]}''${mark.slice(1)}`;
}

async function press(terminal: Terminal, keys: string, mark: string): Promise<number> {
  const seen = terminal.seen(`${mark}\r\n`);
  const start = performance.now();
  terminal.type(keys);
  const end = await seen;
  await terminal.settle();
  return end - start;
}
