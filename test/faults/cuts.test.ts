import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { LinkState } from '@holdfast/shell/client';
import { expect, test } from 'vitest';
import { ShownOutput, connectFrom } from '../support/client.ts';
import { FaultLink } from '../support/fault-link.ts';
import { RIPPLE } from '../support/fault-plan.ts';
import { NumberedLines } from '../support/numbered-lines.ts';
import { seededBytes, seededRandom } from '../support/random.ts';
import { startRemote } from '../support/remote.ts';
import { testSeed } from '../support/seed.ts';

const CUTS = 200;
const KILLS = 20;

test(`${CUTS} cuts and ${KILLS} kills of the gateway under a flood lose and repeat nothing, out or in`, async () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  await using remote = await startRemote();
  await using proxy = await FaultLink.start(() => remote.agent.port, RIPPLE, seed);
  remote.client.knows({ srv1: { port: proxy.port, hostKey: remote.agent.hostKey } });
  await using connection = await connectFrom(remote.client, 'srv1');
  const told: LinkState[] = [];
  connection.onLinkState((state) => told.push(state));

  const printing = await connection.openSession({ name: 'printing', columns: 80, rows: 24 });
  const numbers = new NumberedLines();
  const printed = new ShownOutput(numbers.take);
  await printed.show(printing);
  await printed.until(() => printed.events.some((event) => event.type === 'session.ready'));
  const print = printing.run('seq 1 1000000000000');

  const input = seededBytes(seed, 2 * 1024 * 1024);
  const typing = await connection.openSession({ name: 'typing', columns: 80, rows: 24 });
  const typed = new ShownOutput();
  await typed.show(typing);
  const hash = typing.run(`stty raw -echo; printf 'B''EGIN'; head -c ${input.length} | sha256sum; stty sane`);
  await typed.until(() => typed.text.includes('BEGIN'));

  let sent = 0;
  for (let fault = 0; fault < CUTS + KILLS; fault += 1) {
    await delay(random() * 40);
    const piece = Math.ceil(input.length / (CUTS + KILLS));
    typing.write(input.subarray(sent, sent + piece));
    sent += piece;
    if (fault % ((CUTS + KILLS) / KILLS) === 5) {
      await remote.agent.kill('SIGKILL');
      await remote.agent.restart();
    } else {
      proxy.cut();
    }
  }
  await expect(hash.ended).resolves.toMatchObject({ status: 0 });
  expect(typed.text).toContain(createHash('sha256').update(input).digest('hex'));
  // It printed all the while, and goes on after the last fault.
  const reached = numbers.next + 100_000;
  await printed.until(() => numbers.next > reached);
  expect(numbers.fault).toBeUndefined();
  printing.write(Buffer.from('\x03'));
  await expect(print.ended).resolves.toMatchObject({ status: 130 });
  expect(printed.snapshots).toBe(0);
  expect(told).toContain('Reconnecting');
  expect(told.at(-1)).toBe('Connected');
}, 240_000);
