import { expect, test } from 'vitest';
import { connectFrom } from '../support/client.ts';
import { Crowd, measureAnswers, p99, reportAnswers } from '../support/crowd.ts';
import { openDescriptors, residentBytes } from '../support/process.ts';
import { startRemote } from '../support/remote.ts';

const PROMISED_MS = 100;
/** Shortened by HOLDFAST_TEST_CROWDS. */
const CROWDS = Number(process.env['HOLDFAST_TEST_CROWDS'] ?? 5);
const MEBIBYTE = 1024 * 1024;

test(`answers in under ${PROMISED_MS} ms among 200 sessions, ${CROWDS} times over, with no slope in memory or descriptors`, async () => {
  await using remote = await startRemote();
  await using asker = await connectFrom(remote.client, 'srv1');
  await asker.openSession({ name: 'first', columns: 80, rows: 24 });
  reportAnswers('unloaded', await measureAnswers(asker, 1000));
  const pids = [remote.agent.pid, ...(await asker.status()).hosts.map(({ pid }) => pid)];
  const descriptors = pids.map(openDescriptors);
  const othersSince = remote.host.markProcesses();
  const memory: number[][] = [];
  for (let crowds = 0; crowds < CROWDS; crowds += 1) {
    const crowd = await Crowd.gather(remote, { sessions: 199, printing: 50, blocked: 4 });
    const answers = await measureAnswers(asker, 1000);
    reportAnswers('200 sessions', answers);
    for (const [kind, times] of Object.entries(answers)) expect(p99(times), kind).toBeLessThan(PROMISED_MS);
    await crowd.finish();
    await expect.poll(() => pids.map(openDescriptors), { timeout: 30_000 }).toEqual(descriptors);
    await expect.poll(othersSince, { timeout: 30_000 }).toEqual([]);
    memory.push(pids.map((pid) => Math.round(residentBytes(pid) / MEBIBYTE)));
  }
  console.log(`memory of gateway and host after each crowd, MiB: ${memory.map((each) => each.join('/')).join(', ')}`);
});
