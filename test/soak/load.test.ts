import { expect, test } from 'vitest';
import { connectFrom } from '../support/client.ts';
import { Crowd, measureAnswers, p99, reportAnswers } from '../support/crowd.ts';
import { measuredEnvironment, usedBytes } from '../support/heap.ts';
import { openDescriptors, residentBytes } from '../support/process.ts';
import { startRemote } from '../support/remote.ts';

const PROMISED_MS = 100;
/** Shortened by HOLDFAST_TEST_CROWDS. */
const CROWDS = Number(process.env['HOLDFAST_TEST_CROWDS'] ?? 5);
const SESSIONS = 199;
const ROUNDS = 1000;
/** The others are opened and stopped while answers are measured. */
const ENDED_PER_CROWD = SESSIONS + ROUNDS / 5;
const MEBIBYTE = 1024 * 1024;
/** Of a session that has ended, within the grace time. */
const ENDED_MIB = 40 / 1024;
/** Behind that time ended sessions are forgotten. */
const GRACE_MS = 4 * 60_000;

test(`answers in under ${PROMISED_MS} ms among 200 sessions, ${CROWDS} times over, with no slope in memory or descriptors`, async () => {
  await using remote = await startRemote();
  const host = await remote.agent.startHost(measuredEnvironment(remote.host));
  await using asker = await connectFrom(remote.client, 'srv1');
  await asker.openSession({ name: 'first', columns: 80, rows: 24 });
  reportAnswers('unloaded', await measureAnswers(asker, ROUNDS));
  const pids = [remote.agent.pid, host];
  expect((await asker.status()).hosts.map(({ pid }) => pid)).toEqual([host]);
  const descriptors = pids.map(openDescriptors);
  const othersSince = remote.host.markProcesses();
  const used = async (): Promise<number> => (await usedBytes(host, remote.host)) / MEBIBYTE;
  const resident = (): number[] => pids.map((pid) => Math.round(residentBytes(pid) / MEBIBYTE));
  const usedAtFirst = await used();
  const memory: { resident: number[]; used: number }[] = [];
  for (let crowds = 0; crowds < CROWDS; crowds += 1) {
    const crowd = await Crowd.gather(remote, { sessions: SESSIONS, printing: 50, blocked: 4 });
    const answers = await measureAnswers(asker, ROUNDS);
    reportAnswers('200 sessions', answers);
    for (const [kind, times] of Object.entries(answers)) expect(p99(times), kind).toBeLessThan(PROMISED_MS);
    await crowd.finish();
    await expect.poll(() => pids.map(openDescriptors), { timeout: 30_000 }).toEqual(descriptors);
    await expect.poll(othersSince, { timeout: 30_000 }).toEqual([]);
    memory.push({ resident: resident(), used: await used() });
    expect(memory.at(-1)?.used).toBeLessThan(usedAtFirst + (crowds + 1) * ENDED_PER_CROWD * ENDED_MIB);
  }
  const figures = memory.map((each) => `${each.resident.join('/')}/${each.used.toFixed(0)}`);
  console.log(`memory of gateway, host, and in use by the host after each crowd, MiB: ${figures.join(', ')}`);
  await expect.poll(used, { timeout: 2 * GRACE_MS, interval: 5000 }).toBeLessThan(usedAtFirst + 4);
  console.log(`size when they are forgotten: ${resident().join('/')}`);
  // What the first crowd has left behind is used again by the others.
  const [first, last] = [memory[0]?.resident, memory.at(-1)?.resident];
  for (const [at, size] of (last ?? []).entries()) expect(size).toBeLessThan((first?.[at] ?? 0) + 128);
});
