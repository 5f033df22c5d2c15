import { BareNode } from '../support/bare-node.ts';
import { median, type Row } from '../support/figures.ts';
import type { Rig } from '../support/rig.ts';
import type { Terminal } from '../support/terminal.ts';

/** Commands of a session whose way V8 has not seen often enough to optimize it; the rest of the day it has. */
const FIRST_RUNS = 100;
const RUNS = 100;

type Samples = { ours: number[]; ssh: number[]; bare: number[] };

/** A command typed at the prompt of an open session: from its Enter, or from the whole line at once, to its output's end. */
export async function typedCommand(rig: Rig): Promise<Row[]> {
  const { ours, theirs } = await rig.sessions();
  const bare = await BareNode.start(rig.client, 'exec bash -i', '$ ');
  await bare.terminal.settle();
  const terminals = [ours, theirs, bare.terminal] as const;
  const first = await commands(terminals, FIRST_RUNS, enter);
  const entered = await commands(terminals, RUNS, enter);
  const pasted = await commands(terminals, RUNS, atOnce);
  ours.close();
  theirs.close();
  bare.stop();
  const typed = row('typed command, Enter to its output', entered);
  return [
    row(`typed command, the first ${FIRST_RUNS} of a session`, first),
    { ...typed, must: '<= 1.2', within: typed.ours / typed.ssh <= 1.2 },
    { ...typed, measure: '  the same by bare Node', ours: median(entered.bare) },
    row('whole line at once to its output', pasted),
  ];
}

async function commands(
  [ours, theirs, bare]: readonly [Terminal, Terminal, Terminal],
  runs: number,
  run: (terminal: Terminal, mark: string) => Promise<number>,
): Promise<Samples> {
  const samples: Samples = { ours: [], ssh: [], bare: [] };
  for (let at = 0; at < runs; at += 1) {
    samples.ours.push(await run(ours, `o${at}`));
    samples.ssh.push(await run(theirs, `s${at}`));
    samples.bare.push(await run(bare, `b${at}`));
  }
  return samples;
}

function row(measure: string, { ours, ssh }: Samples): Row {
  return { measure, unit: 'ms', ours: median(ours), ssh: median(ssh) };
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
  const seen = terminal.seen(`${mark}\r`);
  const start = performance.now();
  terminal.type(keys);
  const end = await seen;
  await terminal.settle();
  return end - start;
}
