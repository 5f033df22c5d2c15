import { randomUUID } from 'node:crypto';
import { RemotingError, type CallerStamp } from '@holdfast/protocol';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../test/support/random.ts';
import { testSeed } from '../../../../test/support/seed.ts';
import { readConfig } from '../config.ts';
import { DEFAULT_CONFIGURATION } from '../session/session-configuration.ts';
import { LOCAL_CALLER, testEnvironment } from '../testing/host-client.ts';
import { TestHost } from '../testing/test-host.ts';

const REMOTE_CALLER: CallerStamp = { ...LOCAL_CALLER, key: 'SHA256:abc', address: '192.0.2.7' };

/** The error that a promise is rejected with. */
async function refusal(promise: Promise<unknown>): Promise<RemotingError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof RemotingError) return error;
  throw new Error(`Not refused: ${String(error)}`);
}

/** Output without the marks and the echo of the commands that were typed. */
function printed(output: string): string {
  // oxlint-disable-next-line no-control-regex
  return output.replaceAll(/\x1b\]133;A\x07[^]*?\x1b\]133;C\x07|\x1b\]133;D;\d+\x07/g, '');
}

describe('a session', () => {
  test('runs a command: events, output and offsets agree', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open({ cwd: '/' });
    await client.show(session);
    await session.event('session.ready');
    const ended = await client.run(session, 'cd /etc; printf "one\\ntwo"; (exit 7)');
    expect(ended).toMatchObject({ status: 7, cwd: '/etc', jobs: 0 });
    const started = await session.event('command.started');
    await session.until(() => session.output.endsWith('133;D;7\x07'));
    const echo = session.output.slice(started.at, started.echoTo).replaceAll('\x1b]133;', '{').replaceAll('\x07', '}');
    expect(echo).toMatch(/^\{A\}\/ [#$] \{B\}cd \/etc; .*\r\n\{C\}$/);
    expect(session.output.slice(started.echoTo, ended.at)).toBe('one\r\ntwo');
    expect(session.events.map(({ seq }) => seq)).toEqual(session.events.map((_event, index) => index + 1));
    const { sessions } = await client.link.request('session.list', {});
    expect(sessions).toMatchObject([{ cwd: '/etc', ready: true, outputEnd: session.output.length, driver: 'bash' }]);
  });

  test('runs a command once, however often it is sent, and none beside another', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await client.show(session);
    await session.event('session.ready');
    const run = { channel: session.channel, commandId: randomUUID(), text: 'echo ran; read line' };
    await client.link.request('command.run', run);
    await client.link.request('command.run', run);
    const other = { ...run, commandId: randomUUID() };
    expect((await refusal(client.link.request('command.run', other))).id).toBe('SessionBusy');
    session.write('\n');
    await session.event('command.ready');
    await client.link.request('command.run', run);
    await client.run(session, 'true');
    expect(printed(session.output).match(/ran/g)).toHaveLength(1);
  });

  test('tells of a command before any byte of it, whatever else lets output go', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await client.show(session);
    await session.event('session.ready');
    await client.run(session, 'true');
    const received: (string | number)[] = [];
    session.onArrival = (what) => received.push(what);
    const commandId = randomUUID();
    const accepted = client.link.request('command.run', { channel: session.channel, commandId, text: 'echo x' });
    session.receiver.acknowledgeNow();
    await accepted;
    await session.event('command.ready', (event) => event.commandId === commandId);
    expect(received[0]).toBe('command.started');
  });

  test('gives the same session for the same openId', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const openId = randomUUID();
    const session = await client.open({ openId });
    client.cut();
    await client.relink();
    const again = await client.open({ openId });
    expect(again.attachment).toEqual(session.attachment);
    expect(again.instanceId).toBe(session.instanceId);
    await again.event('session.ready');
    await client.run(again, 'true');
  });

  test('a remote client gives its presentation only, a local one its whole environment', async () => {
    await using host = await TestHost.start();
    const environment = { ...testEnvironment(), MINE: 'yes', LC_TIME: 'C', TERM: 'no-such-terminal' };
    const text = 'echo "<$MINE|$LC_TIME|$TERM|$HOLDFAST_INSTANCE_ID>"; readlink /proc/$$/fd/*';
    const outputs = [];
    for (const caller of [REMOTE_CALLER, LOCAL_CALLER]) {
      const client = await host.connect(caller);
      const session = await client.open({ environment });
      await client.show(session);
      await session.event('session.ready');
      const { at } = await client.run(session, text);
      await session.until(() => session.output.length >= at);
      outputs.push(printed(session.output).replace(session.instanceId, 'ID'));
    }
    expect(outputs[0]).toContain('<|C|xterm-256color|ID>');
    expect(outputs[1]).toContain('<yes|C|xterm-256color|ID>');
    for (const output of outputs) expect(output).not.toMatch(/socket:|ptmx|hf-host-/);
  });

  test('a program that cannot be started is refused, and the host lives', async () => {
    const configurations = new Map([['none', { ...DEFAULT_CONFIGURATION, name: 'none', program: '/no/such' }]]);
    await using host = await TestHost.start({}, { config: { ...readConfig(undefined), configurations } });
    const client = await host.connect();
    expect((await refusal(client.open({ configurationName: 'none' }))).id).toBe('ProgramNotStarted');
    expect((await refusal(client.open({ configurationName: 'other' }))).id).toBe('ConfigurationNotFound');
    expect(await client.link.request('session.list', {})).toEqual({ sessions: [] });
  });

  test('tells its end: exit, and a signal', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await client.show(session);
    await session.event('session.ready');
    await client.link.request('command.run', { channel: session.channel, commandId: randomUUID(), text: 'exit 3' });
    expect(await session.event('session.exited')).toMatchObject({ status: 3 });
    expect((await refusal(client.run(session, 'true'))).id).toBe('SessionExited');
    const killed = await client.open();
    await killed.event('session.ready');
    await client.link.request('command.run', { channel: killed.channel, commandId: randomUUID(), text: 'kill -9 $$' });
    expect(await killed.event('session.exited')).toMatchObject({ status: 137, signal: 9 });
    expect(await client.link.request('session.list', {})).toEqual({ sessions: [] });
  });

  test('keys that no program reads come back', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await session.event('session.ready');
    session.write('early');
    expect(await session.event('command.ready')).toMatchObject({ typeahead: 'early' });
    await session.until(() => session.input.length === 0);
    await client.show(session);
    const commandId = randomUUID();
    await client.link.request('command.run', { channel: session.channel, commandId, text: 'sleep 0.3' });
    session.write('ahead\n');
    const ready = await session.event('command.ready', (event) => event.commandId === commandId);
    expect(ready.typeahead).toBe('ahead\r');
  });
});

describe('a cut link', () => {
  test('loses no byte of output and repeats none', async () => {
    const random = seededRandom(testSeed());
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await client.show(session);
    await session.event('session.ready');
    const commandId = randomUUID();
    const text = 'for i in {1..60000}; do echo $i; done';
    await client.link.request('command.run', { channel: session.channel, commandId, text });
    for (let cut = 0; cut < 25; cut++) {
      const goal = session.output.length + 5000 + Math.floor(random() * 15_000);
      await session.until(() => session.output.length >= goal || session.output.endsWith('133;D;0\x07'));
      client.cut();
      await client.relink();
      expect(await client.resume()).toMatchObject([{ channel: session.channel, session: { state: 'Running' } }]);
    }
    const ended = await session.event('command.ended');
    await session.until(() => session.output.length > ended.at);
    const numbers = printed(session.output).trim().split('\r\n');
    expect(numbers).toEqual(Array.from({ length: 60_000 }, (_, index) => String(index + 1)));
    expect(session.events.map(({ seq }) => seq)).toEqual(session.events.map((_event, index) => index + 1));
  });

  test('types each key once', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await client.show(session);
    await session.event('session.ready');
    const commandId = randomUUID();
    const text = 'stty -echo; echo go; while read -r l && [ "$l" != end ]; do echo "[$l]"; done; stty echo';
    await client.link.request('command.run', { channel: session.channel, commandId, text });
    await session.until(() => printed(session.output).includes('go\r\n'));
    for (let line = 0; line < 200; line++) {
      session.write(`${line}\n`);
      if (line % 10 !== 5) continue;
      client.cut();
      await client.relink();
      session.write(`while-down-${line}\n`);
      await client.resume();
      // What was sent already is sent again.
      session.resend(session.input.start);
    }
    session.write('end\n');
    await session.event('command.ended');
    const wanted = Array.from({ length: 200 }, (_, line) =>
      line % 10 === 5 ? [`[${line}]`, `[while-down-${line}]`] : [`[${line}]`],
    ).flat();
    await session.until(() => session.output.endsWith('133;D;0\x07'));
    expect(printed(session.output).match(/\[.*?\]/g)).toEqual(wanted);
  });

  test('a second link takes over while the first is still there; what comes late over the first is refused', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    await client.show(session);
    await session.event('session.ready');
    const first = client.link;
    const closeFirst = await client.relink();
    await client.resume(2);
    const { attachment } = session;
    const entry = { channel: session.channel, receivedTo: 0, limit: 0, eventsTo: 0, attachmentId: '', incarnation: '' };
    const late = { ...entry, ...attachment, inputReceived: undefined };
    const answer = await first.request('connection.resume', { attempt: 1, channels: [late] });
    expect(answer.channels).toMatchObject([{ error: { error: 'ConnectionLost' } }]);
    closeFirst();
    expect(await client.run(session, 'echo "still here"')).toMatchObject({ status: 0 });
    const { sessions } = await client.link.request('session.list', {});
    expect(sessions).toMatchObject([{ holder: { linked: true } }]);
  });

  test('is refused for another incarnation, another client and an unknown attachment', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open();
    const right = session.attachment;
    if (right === undefined) throw new Error('Not attached');
    session.attachment = { ...right, incarnation: 'other' };
    expect(await client.resume()).toMatchObject([{ error: { error: 'IncarnationMismatch' } }]);
    session.attachment = { ...right, attachmentId: randomUUID() };
    expect(await client.resume()).toMatchObject([{ error: { error: 'AttachmentLost' } }]);
    const other = await host.connect();
    other.newChannel().attachment = right;
    expect(await other.resume()).toMatchObject([{ error: { error: 'AttachmentLost' } }]);
  });

  test('is forgiven; the session is Disconnected after a while, and held again when its client comes back', async () => {
    await using host = await TestHost.start({ graceMs: 50 });
    const client = await host.connect();
    const session = await client.open();
    await session.event('session.ready');
    const other = await host.connect(REMOTE_CALLER, 'desk');
    for (let round = 0; round < 3; round += 1) {
      client.cut();
      const listed = async () => (await other.link.request('session.list', {})).sessions[0];
      await expect.poll(async () => (await listed())?.expiresAt).toBeDefined();
      await client.relink();
      expect(await client.resume()).toMatchObject([{ session: { state: 'Running', holder: { linked: true } } }]);
      expect((await listed())?.expiresAt).toBeUndefined();
      expect(await client.run(session, 'true')).toMatchObject({ status: 0 });
    }
  });

  test('is not forgiven when another client came first', async () => {
    await using host = await TestHost.start({ graceMs: 50 });
    const client = await host.connect();
    const session = await client.open();
    await session.event('session.ready');
    client.cut();
    const other = await host.connect(REMOTE_CALLER, 'desk');
    const listed = async () => (await other.link.request('session.list', {})).sessions[0];
    await expect.poll(async () => (await listed())?.expiresAt).toBeDefined();
    const { channel } = other.newChannel();
    await other.link.request('session.connect', { channel, instanceId: session.instanceId, force: false });
    await client.relink();
    expect(await client.resume()).toMatchObject([{ error: { error: 'AttachmentLost' } }]);
  });

  test('that is not back expires the session, and its client is told of that', async () => {
    await using host = await TestHost.start({ graceMs: 100, minIdleTimeoutMs: 1 });
    const client = await host.connect();
    const session = await client.open({ idleTimeoutMs: 400 });
    await session.event('session.ready');
    client.cut();
    await client.relink();
    const states: unknown[] = [];
    for (;;) {
      const { sessions } = await client.link.request('session.list', {});
      const [info] = sessions;
      if (info === undefined || info.state === 'Exited') break;
      states.push(info.holder === undefined ? info.expiresAt === (info.disconnectedAt ?? 0) + 400 : info.holder.linked);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect([...new Set(states)]).toEqual([false, true]);
    expect(await client.resume()).toMatchObject([{ session: { state: 'Exited', exitSignal: 1 } }]);
  });
});

describe('who holds a session', () => {
  test('is protected; force takes it, and the former holder is told and cannot resume', async () => {
    await using host = await TestHost.start();
    const first = await host.connect(REMOTE_CALLER, 'laptop');
    const session = await first.open({ name: 'work' });
    await session.event('session.ready');
    const second = await host.connect({ ...REMOTE_CALLER, address: '192.0.2.9' }, 'desk');
    const { instanceId } = session;
    const channel = second.newChannel();
    const asked = { channel: channel.channel, instanceId, force: false };
    const refused = await refusal(second.link.request('session.connect', asked));
    expect(refused.id).toBe('SessionHeldElsewhere');
    expect(refused.message).toContain('laptop at 192.0.2.7');
    await second.link.request('session.connect', { ...asked, force: true });
    expect(await session.event('session.taken')).toMatchObject({ client: 'desk', address: '192.0.2.9' });
    const [resumed] = await first.resume();
    expect(resumed?.error).toMatchObject({ error: 'SessionTaken' });
    expect(resumed?.error?.message).toContain('taken by desk at 192.0.2.9');
    expect((await refusal(first.run(session, 'true'))).id).toBe('AttachmentLost');
    expect(await second.run(channel, 'true')).toMatchObject({ status: 0 });
  });

  test('is not told of what happened before, such as its own taking, when its link comes back', async () => {
    await using host = await TestHost.start();
    const first = await host.connect();
    const session = await first.open();
    await session.event('session.ready');
    const second = await host.connect({ ...REMOTE_CALLER, address: '192.0.2.9' }, 'desk');
    const channel = second.newChannel();
    const asked = { channel: channel.channel, instanceId: session.instanceId, force: true };
    channel.attachment = (await second.link.request('session.connect', asked)).attachment;
    expect(await second.resume()).toMatchObject([{ session: { state: 'Running' } }]);
    expect(await second.run(channel, 'true')).toMatchObject({ status: 0 });
    expect(channel.events[0]?.type).toBe('command.started');
  });

  test('is told of its taking also when it had only just taken it itself', async () => {
    await using host = await TestHost.start();
    const opener = await host.connect();
    const { instanceId } = await opener.open();
    const rivals = await Promise.all(['laptop', 'desk'].map((name) => host.connect(REMOTE_CALLER, name)));
    for (let round = 0; round < 20; round += 1) {
      const ties = rivals.map((rival) => {
        const channel = rival.newChannel();
        const body = { channel: channel.channel, instanceId, force: true };
        return { channel, reply: rival.link.request('session.connect', body) };
      });
      await Promise.all(ties.map(({ reply }) => reply));
      await Promise.race(ties.map(({ channel }) => channel.event('session.taken')));
    }
  });

  test('does not hold it off when silent for long enough', async () => {
    await using host = await TestHost.start({ takeAfterMs: 50 });
    const first = await host.connect();
    const { instanceId } = await first.open();
    const second = await host.connect();
    const asked = { channel: second.newChannel().channel, instanceId, force: false };
    // Before the cut: on a busy machine the time may be over when the first request leaves.
    const started = performance.now();
    first.cut();
    for (;;) {
      const answer = await second.link.request('session.connect', asked).catch((error: unknown) => error);
      if (!(answer instanceof RemotingError)) break;
      expect(answer.id).toBe('SessionHeldElsewhere');
    }
    expect(performance.now() - started).toBeGreaterThan(40);
  });

  test('other users do not see it; an administrator may stop but not take it', async () => {
    await using host = await TestHost.start();
    const { instanceId } = await (await host.connect()).open();
    const stranger = await host.connect({ ...REMOTE_CALLER, user: 'someone-else' });
    expect(await stranger.link.request('session.list', {})).toEqual({ sessions: [] });
    expect((await refusal(stranger.link.request('session.stop', { instanceId }))).id).toBe('SessionNotFound');
    expect((await refusal(stranger.open())).id).toBe('AccessDenied');
    const administrator = await host.connect({ ...REMOTE_CALLER, user: 'admin', roles: ['owner', 'administrator'] });
    const asked = { channel: administrator.newChannel().channel, instanceId, force: true };
    expect((await refusal(administrator.link.request('session.connect', asked))).id).toBe('SessionNotFound');
    const { session } = await administrator.link.request('session.stop', { instanceId });
    expect(session.state).toBe('Exited');
  });

  test('lets go of it; the idle timeout has bounds', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const session = await client.open({ name: 'ITTask' });
    const { instanceId } = session;
    for (const idleTimeoutMs of [59_000, 43_201_000]) {
      const refused = await refusal(client.link.request('session.detach', { instanceId, idleTimeoutMs }));
      expect(refused.id).toBe('IdleTimeoutOutOfRange');
      expect(refused.message).toContain('ITTask');
      expect(refused.message).toContain(`${idleTimeoutMs / 1000} (seconds)`);
    }
    const detach = { instanceId, idleTimeoutMs: 43_200_000, outputBufferingMode: 'Drop' as const };
    const { session: info } = await client.link.request('session.detach', detach);
    expect(info).toMatchObject({ idleTimeoutMs: 43_200_000, outputBufferingMode: 'Drop' });
    expect(info.holder).toBeUndefined();
    expect(info.expiresAt).toBe((info.disconnectedAt ?? 0) + 43_200_000);
    const back = client.newChannel();
    const connected = await client.link.request('session.connect', { channel: back.channel, instanceId, force: false });
    expect(connected.session).toMatchObject({ holder: { clientId: client.clientId } });
    expect(connected.session.expiresAt).toBeUndefined();
  });

  test('another idle timeout for a session that nobody holds counts from now', async () => {
    await using host = await TestHost.start({ minIdleTimeoutMs: 1 });
    const client = await host.connect();
    const session = await client.open();
    const { instanceId } = session;
    await client.link.request('session.detach', { instanceId });
    const { session: info } = await client.link.request('session.detach', { instanceId, idleTimeoutMs: 50 });
    expect((info.expiresAt ?? 0) - (info.disconnectedAt ?? 0)).toBeLessThan(10_000);
    for (let state = info.state; state !== 'Exited';) {
      const { sessions } = await client.link.request('session.list', {});
      state = sessions.find((other) => other.instanceId === instanceId)?.state ?? 'Exited';
    }
  });

  test('says goodbye: idle sessions close, busy ones and those with jobs stay', async () => {
    await using host = await TestHost.start();
    const client = await host.connect();
    const [idle, busy, jobs] = [await client.open(), await client.open(), await client.open()];
    for (const session of [idle, busy, jobs]) await session.event('session.ready');
    const run = { channel: busy.channel, commandId: randomUUID(), text: 'sleep 60' };
    await client.link.request('command.run', run);
    await client.run(jobs, 'sleep 60 &');
    const { closed, left } = await client.link.request('connection.goodbye', {});
    expect(closed).toMatchObject([{ instanceId: idle.instanceId, state: 'Exited' }]);
    expect(left.map(({ instanceId }) => instanceId)).toEqual([busy.instanceId, jobs.instanceId]);
    expect(left.every(({ holder, disconnectedAt }) => holder === undefined && disconnectedAt !== undefined)).toBe(true);
  });
});

test('says which configurations there are', async () => {
  await using host = await TestHost.start();
  const client = await host.connect();
  const { defaultConfiguration, configurations } = await client.link.request('agent.configurations', {});
  expect(configurations.map(({ name }) => name)).toContain(defaultConfiguration);
  expect(configurations[0]).toMatchObject({ name: 'default', args: [], maxIdleTimeoutMs: 43_200_000 });
});

test('says what it is', async () => {
  await using host = await TestHost.start();
  const client = await host.connect();
  const status = await client.link.request('agent.status', {});
  expect(status).toMatchObject({ pid: process.pid, buildId: 'test', hosts: [{ sessions: 0 }] });
});
