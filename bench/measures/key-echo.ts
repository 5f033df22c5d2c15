import { quantile, type Row } from '../support/figures.ts';
import type { Rig } from '../support/rig.ts';
import type { Terminal } from '../support/terminal.ts';

const KEYS = 300;

/** One key in a raw program that writes back what it reads, until the byte is on the screen. */
export async function keyEcho(rig: Rig): Promise<Row[]> {
  const { ours, theirs } = await rig.sessions();
  for (const terminal of [ours, theirs]) {
    const ready = terminal.seen('RAW');
    terminal.type("stty raw -echo; printf 'R''AW'; cat\r");
    await ready;
    await terminal.settle();
  }
  const samples = { ours: [] as number[], ssh: [] as number[] };
  for (let key = 0; key < KEYS; key += 1) {
    samples.ours.push(await echo(ours));
    samples.ssh.push(await echo(theirs));
  }
  ours.close();
  theirs.close();
  return [0.5, 0.95].map((q) => {
    const [a, b] = [quantile(samples.ours, q), quantile(samples.ssh, q)];
    return {
      measure: `key echo in a raw program, p${q * 100}`,
      unit: 'ms',
      ours: a,
      ssh: b,
      must: '<= 1.8',
      within: a / b <= 1.8,
    };
  });
}

async function echo(terminal: Terminal): Promise<number> {
  const seen = terminal.seen('x');
  const start = performance.now();
  terminal.type('x');
  return (await seen) - start;
}
