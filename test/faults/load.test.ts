import { expect, test } from 'vitest';
import { connectFrom } from '../support/client.ts';
import { Crowd, measureAnswers, p99, reportAnswers } from '../support/crowd.ts';
import { measuredEnvironment, usedBytes } from '../support/heap.ts';
import { openDescriptors, residentBytes } from '../support/process.ts';
import { startRemote } from '../support/remote.ts';

const KIBIBYTE = 1024;
const MEBIBYTE = 1024 * KIBIBYTE;
const GRACE_MS = 5000;
const SESSIONS = 200;
const ROUNDS = 100;
const PROMISED_MS = 100;

test(`${SESSIONS} sessions, 50 printing and 4 blocked, do not delay others and leave nothing behind`, async () => {
  await using remote = await startRemote();
  const settings = { HOLDFAST_HOST_SETTINGS: JSON.stringify({ graceMs: GRACE_MS }) };
  const hostPid = await remote.agent.startHost({ ...measuredEnvironment(remote.host), ...settings });
  await using asker = await connectFrom(remote.client, 'srv1');
  await asker.openSession({ name: 'first', columns: 80, rows: 24 });
  const unloaded = await measureAnswers(asker, ROUNDS);
  const pids = [remote.agent.pid, hostPid];
  expect((await asker.status()).hosts.map(({ pid }) => pid)).toEqual([hostPid]);
  const descriptors = pids.map(openDescriptors);
  const othersSince = remote.host.markProcesses();
  const memory = pids.map(residentBytes);
  const used = async (): Promise<number> => (await usedBytes(hostPid, remote.host)) / MEBIBYTE;
  const usedAtFirst = await used();

  const crowd = await Crowd.gather(remote, { sessions: SESSIONS - 1, printing: 50, blocked: 4 });
  const loaded = await measureAnswers(asker, ROUNDS);
  reportAnswers('unloaded', unloaded);
  reportAnswers(`${SESSIONS} sessions`, loaded);
  for (const kind of ['list', 'open', 'ask'] as const) {
    // On a machine that is busy with other things, the unloaded answers come late too.
    expect(p99(loaded[kind]), kind).toBeLessThan(Math.max(PROMISED_MS, 20 * p99(unloaded[kind])));
  }
  await crowd.goesOn();
  const [gateway = 0, host = 0] = pids.map((pid, at) => (residentBytes(pid) - (memory[at] ?? 0)) / MEBIBYTE);
  console.log(`memory grown: gateway ${gateway.toFixed(0)} MiB, host ${host.toFixed(0)} MiB`);
  expect(gateway).toBeLessThan(128);
  // The ring of each session's output, and its screen.
  expect(host).toBeLessThan(SESSIONS * 3);
  const usedByAll = await used();

  await crowd.finish();
  const usedByEnded = await used();
  const [before, withAll, afterwards] = [usedAtFirst, usedByAll, usedByEnded].map((each) => each.toFixed(1));
  console.log(`in use by the host: ${before} MiB before, ${withAll} with all, ${afterwards} when they have just ended`);
  // What somebody may still be shown of them, and their names; within the grace time.
  expect(usedByEnded - usedAtFirst).toBeLessThan((SESSIONS * 80 * KIBIBYTE) / MEBIBYTE);
  await expect.poll(used, { timeout: 60_000, interval: 500 }).toBeLessThan(usedAtFirst + 4);
  const [gatewayLeft, hostLeft] = pids.map((pid) => (residentBytes(pid) / MEBIBYTE).toFixed(0));
  console.log(`size when they are forgotten: gateway ${gatewayLeft} MiB, host ${hostLeft} MiB`);
  await expect.poll(() => pids.map(openDescriptors), { timeout: 30_000 }).toEqual(descriptors);
  await expect.poll(othersSince, { timeout: 30_000 }).toEqual([]);
}, 180_000);
