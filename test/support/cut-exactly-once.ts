import { join } from 'node:path';
import { expect } from 'vitest';
import { FaultLink } from './fault-link.ts';
import { Machine } from './machine.ts';
import { Ordeal } from './ordeal.ts';
import { build, changeAgent, copyProject } from './other-build.ts';
import { startRemote } from './remote.ts';

const LIVE_SESSIONS = 50;

/**
 * Puts an agent, which comes from another build's folder, through an Ordeal with so many cuts and some of everything else,
 * and prints its figures.
 * @param counted `made`: all that the link cut, also while it was restored; `lost`: only links that worked
 */
export async function cutExactlyOnce(cuts: number, counted: 'made' | 'lost'): Promise<void> {
  const startedAt = performance.now();
  using second = new Machine({ key: false });
  // HOLDFAST_TEST_OTHER_AGENT: the program of an older checkout, or this one's with one more line.
  const otherBuild = process.env['HOLDFAST_TEST_OTHER_AGENT'] ?? buildAnother(join(second.home, 'project'));
  await using remote = await startRemote({ program: otherBuild });
  await using link = await FaultLink.start(() => remote.agent.port);
  second.takeKeyOf(remote.client);
  for (const machine of [remote.client, second]) {
    machine.knows({ srv1: { port: link.port, hostKey: remote.agent.hostKey } });
  }
  const made = (): number => link.record.counts.get('reset') ?? 0;
  const isOver = (lost: number): boolean => (counted === 'made' ? made() : lost) >= cuts;
  const ordeal = new Ordeal({ remote, link, second, isOver, live: LIVE_SESSIONS, otherBuild });
  await ordeal.run();
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const faults = Object.fromEntries(link.record.counts);
  process.stdout.write(`${JSON.stringify({ ...ordeal.reached, seconds, seed: link.seed, faults })}\n`);
  const { cuts: lost, ...acts } = ordeal.figures;
  expect(isOver(lost)).toBe(true);
  // A short run has not time for each.
  if (cuts >= 500) for (const [act, times] of Object.entries(acts)) expect(times, act).toBeGreaterThan(0);
}

function buildAnother(folder: string): string {
  copyProject(folder);
  changeAgent(folder);
  build(folder);
  return join(folder, 'node_modules/.bin/holdfast-agent');
}
