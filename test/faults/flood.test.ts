import { expect, test } from 'vitest';
import { ShownOutput, connectFrom } from '../support/client.ts';
import { startRemote } from '../support/remote.ts';

const MEBIBYTE = 1024 * 1024;

test('100 echoes in one session end before the next 100 MB of a flood in the other do', async () => {
  await using remote = await startRemote();
  await using connection = await connectFrom(remote.client, 'srv1');
  const flooding = await connection.openSession({ columns: 80, rows: 24 });
  const flood = new ShownOutput(() => {});
  await flood.show(flooding);
  flooding.run('yes 0123456789012345678901234567890123456789');
  const echoing = await connection.openSession({ columns: 80, rows: 24 });
  const echoed = new ShownOutput();
  await echoed.show(echoing);
  echoing.run("stty raw -echo; printf 'R''EADY'; cat");
  await echoed.until(() => echoed.text.includes('READY'));
  await flood.until(() => flood.bytes > 5 * MEBIBYTE);

  const before = flood.bytes;
  echoed.text = '';
  for (let key = 1; key <= 100; key += 1) {
    echoing.write(Buffer.from('k'));
    await echoed.until(() => echoed.text.length === key);
  }
  expect(flood.bytes - before).toBeLessThan(100_000_000);
  await flooding.stop();
  await echoing.stop();
});

test('after an interrupt at most the credit and 64 KiB come before the prompt, none of it to be shown', async () => {
  await using remote = await startRemote();
  await using connection = await connectFrom(remote.client, 'srv1');
  const session = await connection.openSession({ columns: 80, rows: 24 });
  const shown = new ShownOutput(() => {});
  await shown.show(session);
  const command = session.run('yes');
  await shown.until(() => shown.bytes > 5 * MEBIBYTE);
  const before = shown.bytes;
  await session.interrupt();
  await expect(command.ended).resolves.toMatchObject({ status: 130 });
  expect(shown.bytes - before).toBeLessThanOrEqual(4 * MEBIBYTE + 64 * 1024);
  await expect(session.run('echo alive').ended).resolves.toMatchObject({ status: 0 });
});
