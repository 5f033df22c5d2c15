import { join } from 'node:path';
import { FaultLink } from './fault-link.ts';
import { Machine } from './machine.ts';
import { Ordeal } from './ordeal.ts';
import { build, changeAgent, copyProject } from './other-build.ts';
import { startRemote } from './remote.ts';

const LIVE_SESSIONS = 50;

/** Puts an agent, which comes from another build's folder, through an Ordeal, and prints its figures. */
export async function cutExactlyOnce(cuts: number): Promise<Ordeal['figures']> {
  const startedAt = performance.now();
  using second = new Machine({ key: false });
  const folder = join(second.home, 'project');
  copyProject(folder);
  changeAgent(folder);
  build(folder);
  const otherBuild = join(folder, 'node_modules/.bin/holdfast-agent');
  await using remote = await startRemote({ program: otherBuild });
  await using link = await FaultLink.start(() => remote.agent.port);
  second.takeKeyOf(remote.client);
  for (const machine of [remote.client, second]) {
    machine.knows({ srv1: { port: link.port, hostKey: remote.agent.hostKey } });
  }
  const ordeal = new Ordeal({ remote, link, second, cuts, live: LIVE_SESSIONS, otherBuild });
  await ordeal.run();
  const { figures, bytesOut, bytesIn } = ordeal;
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const faults = Object.fromEntries(link.record.counts);
  process.stdout.write(`${JSON.stringify({ ...figures, bytesOut, bytesIn, seconds, seed: link.seed, faults })}\n`);
  return figures;
}
