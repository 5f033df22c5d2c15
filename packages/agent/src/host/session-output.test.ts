import { randomUUID } from 'node:crypto';
import { encodeAck } from '@holdfast/protocol';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { DEFAULT_CONFIGURATION, type SessionConfiguration } from '../session/session-configuration.ts';
import type { HostClient, TestChannel } from '../testing/host-client.ts';
import { TestHost } from '../testing/test-host.ts';

/** Asks the session again and again what is known of it, until `isMet`. */
async function infoWhen(
  client: HostClient,
  isMet: (info: { outputEnd: number; delivered: number }) => boolean,
): Promise<{ outputEnd: number; delivered: number }> {
  for (;;) {
    const { sessions } = await client.link.request('session.list', {});
    const [info] = sessions;
    if (info !== undefined && isMet(info)) return info;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function start(client: HostClient, channel: TestChannel, text: string): Promise<unknown> {
  return client.link.request('command.run', { channel: channel.channel, commandId: randomUUID(), text });
}

function small(change: Partial<SessionConfiguration>): { config: ReturnType<typeof readConfig> } {
  const configurations = new Map([['default', { ...DEFAULT_CONFIGURATION, ...change }]]);
  return { config: { ...readConfig(undefined), configurations } };
}

describe('showing a session', () => {
  test('gives a snapshot, and every byte on one side of it', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await session.event('session.ready');
    // Without the terminal's own echo of the key that lets it go on.
    const text = [
      'stty -echo; for i in {1..20000}; do echo "line $i"; done; read -rn1',
      'for i in {20001..20500}; do echo "line $i"; done; stty echo',
    ].join('\n');
    await start(client, session, text);
    await infoWhen(client, ({ outputEnd }) => outputEnd > 20_000);
    const shown = await client.show(session);
    session.write('x');
    const ended = await session.event('command.ended');
    await session.until(() => session.receiver.received >= ended.at);
    expect(shown).toMatchObject({ snapshot: true, notShown: shown.from });
    expect(session.snapshots).toBe(1);
    const { echoTo } = await session.event('command.started');
    const whole = Array.from({ length: 20_500 }, (_, index) => `line ${index + 1}\r\n`).join('');
    expect(session.output.slice(0, ended.at - shown.from)).toBe(whole.slice(shown.from - echoTo));
    expect(session.snapshot).toContain(
      whole
        .slice(0, shown.from - echoTo)
        .split('\r\n')
        .at(-3),
    );
  });

  test('is what delivers: before it, nothing can be acknowledged', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await session.event('session.ready');
    const { at } = await client.run(session, 'echo one');
    const second = await host.connect();
    const channel = second.newChannel();
    const { session: info } = await second.link.request('session.connect', {
      channel: channel.channel,
      instanceId: session.instanceId,
      force: true,
    });
    second.link.transport.send(encodeAck(channel.channel, info.outputEnd, info.outputEnd));
    const { sessions } = await second.link.request('session.list', {});
    expect(sessions).toMatchObject([{ delivered: 0 }]);
    expect(await second.show(channel)).toMatchObject({ notShown: info.outputEnd });
    expect(info.outputEnd).toBeGreaterThanOrEqual(at);
  });

  test('gives the bytes after an offset', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await client.show(session);
    await session.event('session.ready');
    const first = await client.run(session, 'echo one');
    await session.until(() => session.output.length >= first.at);
    await client.link.request('session.hide', { channel: session.channel });
    const received = session.receiver.received;
    await client.run(session, 'echo two');
    expect(session.receiver.received).toBe(received);
    const shown = await client.show(session, received);
    expect(shown).toMatchObject({ from: received, snapshot: false, notShown: 0 });
    await session.until(() => session.output.includes('two\r\n'));
  });

  test('is made anew when the link was cut in the middle of it', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await session.event('session.ready');
    await client.run(session, 'seq 5000');
    // The reply and the snapshot are lost with the link.
    void client.show(session).catch(() => undefined);
    await client.link.request('session.list', {});
    client.cut();
    await client.relink();
    session.snapshots = 0;
    await client.resume();
    await client.run(session, 'echo after');
    if (session.snapshots === 0) await client.show(session);
    await session.until(() => session.snapshots > 0 && session.output.includes('after\r\n'));
    expect(session.snapshot).toContain('4999');
  });

  test('answers what a program asks its terminal while nobody looks, and not when somebody does', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await session.event('session.ready');
    const ask = `stty -icanon -echo; printf '\\e[6n'; read -rs -t 5 -d R answer; stty sane; echo "<\${answer#?}>"`;
    await client.run(session, ask);
    await client.show(session);
    expect(session.snapshot).toMatch(/<\[\d+;\d+>/);
    await start(client, session, ask);
    await session.until(() => session.output.includes('\x1b[6n'));
    session.write('\x1b[7;7R');
    await session.until(() => session.output.includes('<[7;7>'));
  });
});

describe('the pace of output', () => {
  test('is the holder’s: a flood waits for credit, and an interrupt gets through at once', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await client.show(session);
    await session.event('session.ready');
    session.consuming = false;
    await start(client, session, 'yes');
    const credit = session.receiver.limit;
    await session.until(() => session.output.length >= credit);
    const { outputEnd } = await infoWhen(client, (info) => info.outputEnd > credit);
    expect(outputEnd - credit).toBeLessThan(80 * 1024);
    const received = session.receiver.received;
    const { skipTo } = await client.link.request('session.interrupt', { channel: session.channel });
    session.consuming = true;
    session.receiver.consume(session.receiver.received - session.receiver.consumed);
    session.receiver.acknowledgeNow();
    const ready = await session.event('command.ready');
    await session.until(() => session.receiver.received >= ready.at);
    expect(skipTo).toBeGreaterThanOrEqual(received);
    expect(ready.at - received).toBeLessThan(256 * 1024 + 64 * 1024);
    expect(await session.event('command.ended')).toMatchObject({ status: 130 });
  });

  test('does not delay another session’s echo', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const flood = await client.open();
    const quiet = await client.open();
    for (const session of [flood, quiet]) {
      await client.show(session);
      await session.event('session.ready');
    }
    await start(client, flood, 'head -c 20000000 /dev/zero | tr "\\0" x');
    await start(client, quiet, 'stty -echo -icanon; exec cat');
    await flood.until(() => flood.output.length > 100_000);
    for (let key = 0; key < 50; key++) {
      quiet.write(`<${key}>`);
      await quiet.until(() => quiet.output.includes(`<${key}>`));
    }
    expect(flood.events.some(({ type }) => type === 'command.ended')).toBe(false);
    const ended = await flood.event('command.ended');
    await flood.until(() => flood.receiver.received >= ended.at);
    const { echoTo } = await flood.event('command.started');
    expect(flood.output.slice(echoTo, ended.at) === 'x'.repeat(20_000_000)).toBe(true);
  });

  test('by policy Block, a program waits until its output is fetched, and nothing is lost', async () => {
    await using host = await TestHost.start({}, small({ outputBufferBytes: 128 * 1024 }));
    const client = await host.connect();
    const session = await client.open();
    await session.event('session.ready');
    await start(client, session, 'for i in {1..60000}; do echo $i; done');
    const { outputEnd } = await infoWhen(client, (info) => info.outputEnd >= 128 * 1024);
    expect(outputEnd).toBeLessThan(256 * 1024);
    await client.show(session, 0);
    const ended = await session.event('command.ended');
    await session.until(() => session.output.length >= ended.at);
    const started = await session.event('command.started');
    const numbers = session.output.slice(started.echoTo, ended.at).trim().split('\r\n');
    expect(numbers).toEqual(Array.from({ length: 60_000 }, (_, index) => String(index + 1)));
  });

  test('by policy Drop, a program goes on, and the gap is told', async () => {
    const drop = small({ outputBufferBytes: 128 * 1024, outputBufferingMode: 'Drop' });
    await using host = await TestHost.start({}, drop);
    const client = await host.connect();
    const session = await client.open();
    await session.event('session.ready');
    await client.run(session, 'for i in {1..60000}; do echo $i; done');
    const gaps = session.events.filter((event) => event.type === 'output.dropped');
    expect(gaps.length).toBeGreaterThan(0);
    expect(gaps.every((gap, index) => gap.at === (gaps[index - 1]?.to ?? 0))).toBe(true);
    expect((await client.link.request('agent.status', {})).hosts).toMatchObject([{ droppedBytes: gaps.at(-1)?.to }]);
    const shown = await client.show(session, 0);
    expect(shown.from).toBe(gaps.at(-1)?.to);
    const ended = await session.event('command.ended');
    await session.until(() => session.receiver.received >= ended.at);
    expect(
      session.output
        .slice(0, ended.at - shown.from)
        .trim()
        .endsWith('59999\r\n60000'),
    ).toBe(true);
  });

  test('a session that waits for its reader can be stopped', async () => {
    await using host = await TestHost.start({ termAfterMs: 500, killAfterMs: 500 });
    const client = await host.connect();
    const session = await client.open();
    await client.show(session);
    await session.event('session.ready');
    session.consuming = false;
    await start(client, session, "trap '' HUP; while :; do yes | head -c 100000; done");
    await session.until(() => session.output.length >= 256 * 1024);
    const { instanceId } = session;
    expect(await client.link.request('session.stop', { instanceId })).toMatchObject({ session: { state: 'Exited' } });
  });
});

test('a session takes the size of the terminal that looks', async () => {
  await using host = await TestHost.start();
  const client = await host.connect();
  const session = await client.open();
  await session.event('session.ready');
  const { channel } = session;
  await client.link.request('session.show', { channel, columns: 100, rows: 30 });
  await client.run(session, 'stty size');
  await client.link.request('session.resize', { channel, columns: 90, rows: 20 });
  expect(await session.event('session.resized', ({ columns }) => columns === 90)).toMatchObject({ rows: 20 });
  const ended = await client.run(session, 'stty size');
  await session.until(() => session.receiver.received >= ended.at);
  expect(session.output).toContain('30 100\r\n');
  expect(session.output).toContain('20 90\r\n');
});
