import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FrameKind, encodeData, type EventOf } from '@holdfast/protocol';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { needProgram } from '../../../../test/support/need-program.ts';
import { testEnvironment, type HostClient, type TestChannel } from '../testing/host-client.ts';
import { TestHost } from '../testing/test-host.ts';

type Started = { out: TestChannel; err: TestChannel; ended: Promise<EventOf<'exec.ended'>> };

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hf-exec-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function start(client: HostClient, text: string, limit = 256 * 1024): Promise<Started> {
  const [out, err] = [client.newChannel(), client.newChannel()];
  const { attachment } = await client.link.request('exec.start', {
    channel: out.channel,
    errorChannel: err.channel,
    execId: randomUUID(),
    text,
    environment: testEnvironment(folder),
    limit,
  });
  out.attachment = attachment;
  err.attachment = attachment;
  return { out, err, ended: whole(out, err) };
}

async function whole(out: TestChannel, err: TestChannel): Promise<EventOf<'exec.ended'>> {
  const ended = await out.event('exec.ended');
  await out.until(() => out.receiver.received === ended.at);
  await err.until(() => err.receiver.received === ended.errorAt);
  return ended;
}

async function run(client: HostClient, text: string): Promise<{ out: string; err: string; status: number }> {
  const { out, err, ended } = await start(client, text);
  const { channel } = out;
  await client.link.request('channel.end', { channel, at: 0 });
  const { status } = await ended;
  return { out: out.output, err: err.output, status };
}

test('gives output, errors and status apart', async () => {
  await using host = await TestHost.start();
  const client = await host.connect();
  expect(await run(client, 'echo out; echo err >&2; exit 5')).toEqual({ out: 'out\n', err: 'err\n', status: 5 });
  expect(await run(client, 'pwd; cat; [ -t 0 ] || echo no terminal')).toMatchObject({
    out: `${folder}\nno terminal\n`,
  });
  expect(await run(client, `echo ${'x'.repeat(300_000)} | wc -c`)).toMatchObject({ out: '300001\n', err: '' });
});

test('has real pipes, a process group of its own, and none of our descriptors', async () => {
  needProgram('ps');
  await using host = await TestHost.start();
  const client = await host.connect();
  const session = await client.open();
  await session.event('session.ready');
  const ran = await run(
    client,
    'echo ok >/dev/stdout; echo err >/dev/stderr; readlink /proc/self/fd/*; ps -o pgid= $$',
  );
  expect(ran).toMatchObject({ err: 'err\n', status: 0 });
  expect(ran.out).toMatch(/^ok\n/);
  expect(ran.out).not.toMatch(/socket:|ptmx/);
  expect(Number(ran.out.trim().split('\n').at(-1))).not.toBe(process.pid);
});

test('carries 20 MB of anything both ways, unchanged, over cuts', async () => {
  await using host = await TestHost.start();
  const client = await host.connect();
  const file = join(folder, 'data');
  const { out, ended } = await start(client, `head -c 20000000 /dev/urandom | tee ${file}`);
  let goal = 0;
  for (let cut = 0; cut < 10; cut++) {
    goal = out.output.length + 1_500_000;
    await out.until(() => out.output.length >= goal || out.output.length === 20_000_000);
    client.cut();
    await client.relink();
    expect(await client.resume()).toEqual([
      expect.not.objectContaining({ error: expect.anything() }),
      expect.anything(),
    ]);
  }
  expect(await ended).toMatchObject({ status: 0, at: 20_000_000 });
  expect(sha256(Buffer.from(out.output, 'latin1'))).toBe(sha256(readFileSync(file)));
});

test('takes input in order, once, and its end', async () => {
  await using host = await TestHost.start();
  const client = await host.connect();
  const data = randomBytes(3_000_000);
  const { out, ended } = await start(client, 'sha256sum');
  for (let at = 0; at < data.length; at += 32_768) {
    const piece = data.subarray(at, at + 32_768);
    for (const _again of [1, 2]) client.link.transport.send(encodeData(FrameKind.data, out.channel, at, piece));
  }
  await client.link.request('channel.end', { channel: out.channel, at: data.length });
  expect(await ended).toMatchObject({ status: 0 });
  expect(out.output).toContain(sha256(data));
});

test('waits when the client does not read', async () => {
  await using host = await TestHost.start();
  const client = await host.connect();
  const file = join(folder, 'count');
  const text = `for ((i = 0; ; i++)); do echo $i >${file}; head -c 65536 /dev/zero || exit; done`;
  const { out } = await start(client, text);
  out.consuming = false;
  await out.until(() => out.output.length >= 256 * 1024);
  let before = -1;
  for (let now = 0; now !== before; await new Promise((resolve) => setTimeout(resolve, 200))) {
    before = now;
    now = Number(readFileSync(file, 'utf8'));
  }
  expect(before).toBeLessThan(16);
  await client.link.request('exec.signal', { channel: out.channel, signal: 'KILL' });
  out.consuming = true;
  out.receiver.consume(out.receiver.received - out.receiver.consumed);
  expect(await out.event('exec.ended')).toMatchObject({ signal: 9 });
});

test('is signalled as a group, and ends when its client is gone for good', async () => {
  await using host = await TestHost.start({ graceMs: 100, termAfterMs: 200 });
  const client = await host.connect();
  const { out, ended } = await start(client, 'trap "echo bye; exit 4" INT; sleep 60');
  await new Promise((resolve) => setTimeout(resolve, 100));
  await client.link.request('exec.signal', { channel: out.channel, signal: 'INT' });
  expect(await ended).toMatchObject({ status: 4 });
  expect(out.output).toBe('bye\n');

  const marker = join(folder, 'running');
  await start(client, `trap "rm ${marker}" EXIT; touch ${marker}; sleep 60 & wait`);
  while (!existsSync(marker)) await new Promise((resolve) => setTimeout(resolve, 10));
  client.cut();
  while (existsSync(marker)) await new Promise((resolve) => setTimeout(resolve, 10));
});

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
