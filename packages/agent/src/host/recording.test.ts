import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SmallDisk } from '../../../../test/support/small-disk.ts';
import { parseConfig } from '../config.ts';
import { HostClient } from '../testing/host-client.ts';
import { readRecording } from '../testing/recorded-file.ts';
import { TestHost } from '../testing/test-host.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const DAY_S = 24 * 60 * 60;
const FULL = 'the disk is full (make room there)';

let folder: string;
const processes: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hf-recording-'));
});
afterEach(() => {
  for (const child of processes.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function startHost(lines: string[]): Promise<TestHost> {
  const config = parseConfig('agent.toml', ['[configurations.default.recording]', ...lines].join('\n'));
  return TestHost.start({ recordingFlushMs: 50 }, { folder, config });
}

function recordings(): string[] {
  return readdirSync(join(folder, 'recordings'));
}

function pathOf(name: string): string {
  return join(folder, 'recordings', name);
}

/** A recording of a session that ended so many days ago. */
function makeOld(name: string, days: number): void {
  writeFileSync(pathOf(name), 'x'.repeat(1000));
  const seconds = Date.now() / 1000 - days * DAY_S;
  utimesSync(pathOf(name), seconds, seconds);
}

describe('a session of a configuration that records', () => {
  test('says so, and has a file of its own that only its user may read', async () => {
    await using host = await startHost([]);
    const client = await host.connect();
    const session = await client.open({ name: '../ä b' });
    await client.show(session);
    await session.event('session.ready');
    await client.run(session, 'echo done');
    const [name = ''] = recordings();
    expect(recordings()).toEqual([expect.stringMatching(/^\d{8}T\d{6}Z-1-\.\.___b-[0-9a-f]{8}\.cast$/)]);
    expect([statSync(pathOf(name)).mode & 0o777, statSync(join(folder, 'recordings')).mode & 0o777]).toEqual([
      0o600, 0o700,
    ]);
    const { sessions } = await client.link.request('session.list', {});
    expect(sessions).toMatchObject([{ recording: { file: pathOf(name) } }]);
    // Without an end: what it printed is there soon.
    await expect.poll(() => readRecording(pathOf(name)).text).toContain('done\r\n');
    await client.link.request('session.stop', { instanceId: session.instanceId });
    expect(readRecording(pathOf(name)).header['title']).toBe('../ä b (session 1)');
    const { events } = await client.link.request('events.list', { limit: 50 });
    expect(events.filter(({ type }) => type === 'session.recorded')).toMatchObject([{ sessionId: 1, detail: name }]);
  });

  test('is not opened on a full disk with stopSession, and nothing of it stays; else it is, and says that it is not recorded', async () => {
    // Of their own: on a full one no session is opened anyway.
    using disk = new SmallDisk(join(folder, 'recordings'), 1024 * 1024);
    for (const policy of ['stopSession', 'stopRecording']) {
      await using host = await startHost([`onFullDisk = "${policy}"`]);
      const client = await host.connect();
      await client.open();
      disk.fill();
      const opened = client.open();
      if (policy === 'stopSession') {
        const message = `No session can be opened: it cannot be recorded: ${FULL}`;
        await expect(opened).rejects.toMatchObject({ id: 'OutOfResources', message });
      } else {
        await opened;
      }
      const { sessions } = await client.link.request('session.list', {});
      const problems = sessions.map(({ recording }) => recording?.problem);
      expect(problems).toEqual(policy === 'stopSession' ? [undefined] : [undefined, FULL]);
      const { events } = await client.link.request('events.list', { limit: 50 });
      const unrecorded = events.filter(({ type }) => type === 'session.unrecorded').map(({ detail }) => detail);
      expect(unrecorded).toEqual(policy === 'stopSession' ? [] : [FULL]);
      disk.empty();
      expect(recordings()).toHaveLength(policy === 'stopSession' ? 1 : 2);
    }
  });

  test('makes room for its recording: the oldest of ended sessions go, by age and by size', async () => {
    await using host = await startHost(['[record]', 'recordingDays = 30', 'recordingBytes = 3000']);
    const client = await host.connect();
    await client.open();
    const [running = ''] = recordings();
    for (const [name, days] of Object.entries({ a: 40, b: 29, c: 28, d: 27, e: 0 })) makeOld(`${name}.cast`, days);
    await client.open();
    expect(recordings().filter((name) => name.length === 6)).toEqual(['d.cast', 'e.cast']);
    expect(recordings()).toContain(running);
  });

  test('leaves a recording that at most its last line is torn of when its host is killed', async () => {
    const file = join(folder, 'agent.toml');
    writeFileSync(file, '[configurations.default.recording]');
    const environment = { HOME: folder, PATH: process.env['PATH'], HOLDFAST_STATE_DIR: folder };
    const child = spawn(process.execPath, [MAIN, 'host', '--foreground', '--config', file], {
      env: { ...environment, HOLDFAST_HOST_SETTINGS: '{"recordingFlushMs":1}' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    processes.push(child);
    const [line] = await once(createInterface({ input: child.stdout }), 'line');
    const client = await HostClient.connect((JSON.parse(String(line)) as { socket: string }).socket);
    const session = await client.open();
    await client.show(session);
    await session.event('session.ready');
    await client.link.request('command.run', {
      channel: session.channel,
      commandId: crypto.randomUUID(),
      text: 'echo; i=0; while ((i < 20000)); do echo $((i += 1)); done',
    });
    const [name = ''] = recordings();
    await expect.poll(() => statSync(pathOf(name)).size).toBeGreaterThan(20_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    client.close();
    const { text } = readRecording(pathOf(name));
    const numbers = text
      .split('\r\n')
      .filter((part) => /^\d+$/.test(part))
      .map(Number);
    expect(numbers.length).toBeGreaterThan(1000);
    // The last one may be cut.
    expect(numbers.slice(0, -1)).toEqual(numbers.slice(0, -1).map((_, index) => index + 1));
  });
});
