import { setTimeout as delay } from 'node:timers/promises';
import { BareNode } from '../support/bare-node.ts';
import { median, quantile, type Row } from '../support/figures.ts';
import type { Rig } from '../support/rig.ts';
import type { Terminal } from '../support/terminal.ts';

/** A session's first keys run code that V8 has not optimized yet; the rest of the day does not. */
const FIRST_KEYS = 300;
const WARMING_KEYS = 700;
const KEYS = 1000;
/** A person's pause between keys is long enough for processors to sleep and caches to be lost. */
const PAUSED_KEYS = 200;
const PAUSE_MS = 40;

/** One key in a raw program that writes back what it reads, until the byte is on the screen. */
export async function keyEcho(rig: Rig): Promise<Row[]> {
  const { ours, theirs } = await rig.sessions();
  for (const terminal of [ours, theirs]) {
    const ready = terminal.seen('RAW');
    terminal.type("stty raw -echo; printf 'R''AW'; cat\r");
    await ready;
    await terminal.settle();
  }
  const bare = await BareNode.start(rig.client, 'stty raw -echo; printf RAW; exec cat', 'RAW');
  const terminals = [ours, theirs, bare.terminal] as const;
  const first = await echoes(terminals, FIRST_KEYS);
  await echoes(terminals, WARMING_KEYS);
  const warm = await echoes(terminals, KEYS);
  const paused = await echoes(terminals, PAUSED_KEYS, PAUSE_MS);
  ours.close();
  theirs.close();
  bare.stop();
  return [
    { ...row(`key echo, first ${FIRST_KEYS} keys, p50`, first, 0.5) },
    ...[0.5, 0.95].map((q) => {
      const echo = row(`key echo in a raw program, p${q * 100}`, warm, q);
      return { ...echo, must: '<= 1.8', within: echo.ours / echo.ssh <= 1.8 };
    }),
    { ...row('  the same by bare Node, p50', warm, 0.5), ours: median(warm.bare) },
    row(`key echo after ${PAUSE_MS} ms of rest, p50`, paused, 0.5),
    { ...row('  the same by bare Node, p50', paused, 0.5), ours: median(paused.bare) },
  ];
}

type Samples = { ours: number[]; ssh: number[]; bare: number[] };

async function echoes([ours, theirs, bare]: readonly [Terminal, Terminal, Terminal], keys: number, pauseMs = 0) {
  const samples: Samples = { ours: [], ssh: [], bare: [] };
  for (let key = 0; key < keys; key += 1) {
    for (const [terminal, times] of [
      [ours, samples.ours],
      [theirs, samples.ssh],
      [bare, samples.bare],
    ] as const) {
      if (pauseMs > 0) await delay(pauseMs);
      times.push(await echo(terminal));
    }
  }
  return samples;
}

function row(measure: string, { ours, ssh }: Samples, q: number): Row {
  return { measure, unit: 'ms', ours: quantile(ours, q), ssh: quantile(ssh, q) };
}

async function echo(terminal: Terminal): Promise<number> {
  const seen = terminal.seen('x');
  const start = performance.now();
  terminal.type('x');
  return (await seen) - start;
}
