import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ShownOutput, connectFrom } from '../support/client.ts';
import { FaultLink } from '../support/fault-link.ts';
import { RIPPLE } from '../support/fault-plan.ts';
import { NumberedLines } from '../support/numbered-lines.ts';
import { startRemote } from '../support/remote.ts';

const FROZEN_MS = 30_000;

test('a link frozen for 30 s shows new output within 1 s of its return, with nothing lost in or out', async () => {
  await using remote = await startRemote();
  await using proxy = await FaultLink.start(() => remote.agent.port, RIPPLE);
  remote.client.knows({ srv1: { port: proxy.port, hostKey: remote.agent.hostKey } });
  await using connection = await connectFrom(remote.client, 'srv1');
  const states: string[] = [];
  connection.onLinkState((state) => states.push(state));

  const printing = await connection.openSession({ columns: 80, rows: 24 });
  const numbers = new NumberedLines();
  const printed = new ShownOutput(numbers.take);
  await printed.show(printing);
  printing.run('i=0; while :; do echo $((++i)); sleep 0.02; done');
  await printed.until(() => numbers.next > 20);

  const typing = await connection.openSession({ columns: 80, rows: 24 });
  const typed = new ShownOutput();
  await typed.show(typing);
  const read = typing.run('IFS= read -r line; echo "got <$line>"');
  await typed.until(() => typed.events.some((event) => event.type === 'command.started'));

  proxy.freeze();
  typing.write(Buffer.from('typed into '));
  await delay(FROZEN_MS);
  typing.write(Buffer.from('the silence\r'));
  const before = numbers.next;
  expect(Buffer.from(typing.unsentInput).toString()).toBe('typed into the silence\r');
  proxy.thaw();
  const thawed = performance.now();
  await printed.until(() => numbers.next > before);
  expect(performance.now() - thawed).toBeLessThan(1000);

  await expect(read.ended).resolves.toMatchObject({ status: 0 });
  expect(typed.text).toContain('got <typed into the silence>');
  const reached = numbers.next + 20;
  await printed.until(() => numbers.next > reached);
  expect(numbers.fault).toBeUndefined();
  expect(printed.snapshots).toBe(0);
  expect(states).toContain('Suspect');
  await printing.stop();
}, 90_000);
