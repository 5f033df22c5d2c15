import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SmallDisk } from '../../../../test/support/small-disk.ts';
import type { HostClient, TestChannel } from '../testing/host-client.ts';
import { TestHost } from '../testing/test-host.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hf-full-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A host whose every file lies on a disk that is full now, and a session that was opened before. */
async function fullHost(): Promise<{
  disk: SmallDisk;
  host: TestHost;
  client: HostClient;
  session: TestChannel & { instanceId: string };
}> {
  const disk = new SmallDisk(folder, 1024 * 1024);
  const host = await TestHost.start({}, { folder });
  const client = await host.connect();
  const session = await client.open();
  await client.show(session);
  await session.event('session.ready');
  disk.fill();
  return { disk, host, client, session };
}

describe('a session host on a full disk', () => {
  test('a session goes on: its commands run, up to 16 KiB long; a longer one is refused with the reason, and no part of it stays', async () => {
    const { disk, host, client, session } = await fullHost();
    try {
      const long = (length: number): string => `: secret ${'x'.repeat(length)}`;
      await client.run(session, long(15_000));
      const request = { channel: session.channel, commandId: randomUUID(), text: long(100_000) };
      await expect(client.link.request('command.run', request)).rejects.toMatchObject({
        id: 'OutOfResources',
        message: 'The command was not run: the disk is full (make room there)',
      });
      expect(textFiles(join(folder, 'run'))).not.toContain('secret');
      expect(await client.run(session, 'test -e /etc/hostname')).toMatchObject({ status: 0 });
      const streams = {};
      const apart = { channel: session.channel, commandId: randomUUID(), text: 'echo apart; (exit 4)', streams };
      await client.link.request('command.run', apart);
      expect(await session.event('command.ended', ({ commandId }) => commandId === apart.commandId)).toMatchObject({
        status: 4,
      });
      await session.event('command.ready', ({ commandId }) => commandId === apart.commandId);
      await client.run(session, `rm ${join(folder, 'filling')}`);
      await client.run(session, long(100_000));
    } finally {
      await host[Symbol.asyncDispose]();
      disk[Symbol.dispose]();
    }
  });

  test('a new session is refused with the reason, and opens as soon as there is room', async () => {
    const { disk, host, client } = await fullHost();
    try {
      const before = readdirSync(join(folder, 'output'), { recursive: true }).length;
      await expect(client.open()).rejects.toMatchObject({
        id: 'OutOfResources',
        message: 'No session can be opened: the disk is full (make room there)',
      });
      expect(readdirSync(join(folder, 'output'), { recursive: true })).toHaveLength(before);
      expect((await client.link.request('session.list', {})).sessions).toHaveLength(1);
      disk.empty();
      const late = await client.open();
      await late.event('session.ready');
    } finally {
      await host[Symbol.asyncDispose]();
      disk[Symbol.dispose]();
    }
  });
});

/** All that stands in plain files below a folder. */
function textFiles(root: string): string {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1')).join('\n');
}
