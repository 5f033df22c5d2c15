import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Connection } from '@holdfast/shell/client';
import { ShownOutput, connectFrom } from '../support/client.ts';
import { FaultLink } from '../support/fault-link.ts';
import { RIPPLE } from '../support/fault-plan.ts';
import { NumberedLines } from '../support/numbered-lines.ts';
import { startRemote } from '../support/remote.ts';

const FROZEN_MS = 30_000;
/** With the one that prints there are sixteen sessions. */
const TYPISTS = 15;

/** A session that reads a line and says what it was. */
async function readLine(connection: Connection) {
  const session = await connection.openSession({ columns: 80, rows: 24 });
  const shown = new ShownOutput();
  await shown.show(session);
  const read = session.run('IFS= read -r line; echo "got <$line>"');
  await shown.until(() => shown.events.some((event) => event.type === 'command.started'));
  return { session, shown, read };
}

test('a link of sixteen sessions that is frozen for 30 s shows new output within 1 s of its return, with nothing lost in or out', async () => {
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

  const typists = await Promise.all(Array.from({ length: TYPISTS }, () => readLine(connection)));

  proxy.freeze();
  for (const { session } of typists) session.write(Buffer.from('typed into '));
  await delay(FROZEN_MS);
  for (const { session } of typists) session.write(Buffer.from('the silence\r'));
  const before = numbers.next;
  for (const { session } of typists) {
    expect(Buffer.from(session.unsentInput).toString()).toBe('typed into the silence\r');
  }
  proxy.thaw();
  const thawed = performance.now();
  await printed.until(() => numbers.next > before);
  expect(performance.now() - thawed).toBeLessThan(1000);

  for (const { read, shown } of typists) {
    await expect(read.ended).resolves.toMatchObject({ status: 0 });
    expect(shown.text.split('got <typed into the silence>')).toHaveLength(2);
  }
  const reached = numbers.next + 20;
  await printed.until(() => numbers.next > reached);
  expect(numbers.fault).toBeUndefined();
  expect(printed.snapshots).toBe(0);
  expect(states).toContain('Suspect');
  await printing.stop();
}, 90_000);
