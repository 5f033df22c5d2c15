import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { FaultLink } from '../support/fault-link.ts';
import { RIPPLE } from '../support/fault-plan.ts';
import { HOLDFAST } from '../support/machine.ts';
import { seededRandom } from '../support/random.ts';
import { startRemote } from '../support/remote.ts';
import { testSeed } from '../support/seed.ts';

const LINES = 500_000;

test('cuts of the link while a block runs in a session lose and repeat nothing', async () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  await using remote = await startRemote();
  await using proxy = await FaultLink.start(() => remote.agent.port, RIPPLE, seed);
  remote.client.knows({ srv1: { port: proxy.port, hostKey: remote.agent.hostKey } });
  const block = `seq 1 ${LINES} & seq ${LINES} -1 1 | tail -n 20000 >&2; wait 2>/dev/null`;
  const line = `$s = New-PSSession srv1; Invoke-Command $s { ${block} } 2>$null`;
  const child = spawn(HOLDFAST, ['-c', line], { env: remote.client.env, stdio: ['ignore', 'pipe', 'ignore'] });
  const hash = createHash('sha256');
  const begun = Promise.withResolvers<void>();
  child.stdout.on('data', (bytes: Buffer) => {
    hash.update(bytes);
    begun.resolve();
  });
  const ended = new Promise((resolve) => {
    child.once('close', resolve);
  });
  await begun.promise;
  let cuts = 0;
  const isOver = ended.then(() => true);
  while (!(await Promise.race([isOver, delay(50 + random() * 200, false)]))) {
    proxy.cut();
    cuts += 1;
  }
  const whole = createHash('sha256');
  for (let number = 1; number <= LINES; number += 1) whole.update(`${number}\n`);
  expect(hash.digest('hex'), `${cuts} cuts`).toBe(whole.digest('hex'));
  expect(cuts).toBeGreaterThan(0);
}, 120_000);
