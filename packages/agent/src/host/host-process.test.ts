import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { needProgram } from '../../../../test/support/need-program.ts';
import { HostClient } from '../testing/host-client.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));
const run = promisify(execFile);

type Place = { socket: string; generation: string };

let home = '';
let started: ChildProcess[] = [];
let pids: number[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hf-home-'));
  started = [];
  pids = [];
});

afterEach(async () => {
  await Promise.all(started.map(kill));
  for (const pid of pids) killIfThere(pid);
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
});

function environment(extra: Record<string, string> = {}): Record<string, string> {
  return { HOME: home, PATH: process.env['PATH'] ?? '', ...extra };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** A host in the foreground, and where it is. */
async function foreground(env: Record<string, string> = {}): Promise<{ child: ChildProcess; place: Place }> {
  const child = spawn(process.execPath, [MAIN, 'host', '--foreground'], {
    env: environment(env),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.push(child);
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  return { child, place: JSON.parse(String(line)) as Place };
}

async function ensure(env: Record<string, string> = {}, ...args: string[]): Promise<Place> {
  const { stdout } = await run(process.execPath, [MAIN, 'host', '--ensure', ...args], { env: environment(env) });
  return JSON.parse(stdout) as Place;
}

/** Tries until it works; the test's time limit ends it. */
async function eventually(attempt: () => Promise<unknown>): Promise<void> {
  for (;;) {
    if (
      await attempt().then(
        () => true,
        () => false,
      )
    )
      return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function pidOf(place: Place): Promise<number> {
  const client = await HostClient.connect(place.socket);
  const { pid } = await client.link.request('agent.status', {});
  pids.push(pid);
  client.close();
  return pid;
}

describe('holdfast-agent host --ensure', () => {
  test('starts one host that outlives it, however many ask at once', async () => {
    needProgram('ps');
    const places = await Promise.all([ensure(), ensure(), ensure()]);
    const answers = await Promise.all(places.map(pidOf));
    expect(new Set(answers).size).toBe(1);
    expect(await ensure()).toEqual(places[0]);
    const [pid = 0] = answers;
    // A session of its own, so that no terminal's end reaches it.
    const stat = (await run('ps', ['-o', 'sid=,pgid=', '-p', String(pid)])).stdout.trim().split(/\s+/);
    expect(stat.map(Number)).toEqual([pid, pid]);
  });

  test('one of another configuration is another one, and follows what its file says', async () => {
    const file = join(home, 'agent.toml');
    writeFileSync(file, '[configurations.cat]\nprogram = "/bin/cat"');
    const [plain, own] = [await ensure(), await ensure({}, '--config', file)];
    expect(own.generation).toMatch(/^[0-9a-z]+-dev-[0-9a-f]{8}$/);
    expect(new Set([await pidOf(plain), await pidOf(own)]).size).toBe(2);
    expect(await ensure()).toEqual(plain);
    expect(await ensure({}, '--config', file)).toEqual(own);
    const client = await HostClient.connect(own.socket);
    await client.open({ configurationName: 'cat' });
    await expect(client.open({ configurationName: 'more' })).rejects.toThrow("There is no configuration 'more' here");
    writeFileSync(file, '[configurations.more]\nprogram = "/bin/cat"');
    await client.open({ configurationName: 'more' });
    client.close();
  });

  test('starts a new one when the last was killed, and removes what that left', async () => {
    const first = await ensure();
    const client = await HostClient.connect(first.socket);
    const session = await client.open();
    await session.event('session.ready');
    const pid = await pidOf(first);
    process.kill(pid, 'SIGKILL');
    await new Promise((resolve) => {
      client.link.transport.onClose = resolve;
    });
    const second = await ensure();
    expect(second.socket).not.toBe(first.socket);
    await pidOf(second);
    const folder = join(home, '.local/state/holdfast/run');
    while (existsSync(first.socket)) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(readdirSync(folder).filter((name) => name.startsWith(first.generation))).toEqual([]);
  });

  test('says in one line why it cannot', async () => {
    const runtime = join(home, 'runtime');
    mkdirSync(runtime, { mode: 0o755 });
    chmodSync(runtime, 0o755);
    const failure = (env: Record<string, string>, ...args: string[]): Promise<string> =>
      ensure(env, ...args).then(String, (error: Error & { stderr: string }) => error.stderr);
    expect(await failure({ HOLDFAST_RUNTIME_DIR: runtime })).toMatch(
      /^holdfast-agent: The folder .*runtime cannot be used: others may enter it: run 'chmod 700' on it\n$/,
    );
    chmodSync(runtime, 0o700);
    symlinkSync(runtime, join(home, 'link'));
    expect(await failure({ HOLDFAST_RUNTIME_DIR: join(home, 'link') })).toMatch(/link cannot be used: .*\n$/);
    expect(await failure({}, '--config', join(home, 'none.toml'))).toMatch(
      /^holdfast-agent: The session host did not start: .*none\.toml cannot be used: ENOENT.*\n$/,
    );
    expect(await failure({ HOLDFAST_HOST_SETTINGS: '{"graceMs":-1}' })).toMatch(
      /^holdfast-agent: HOLDFAST_HOST_SETTINGS cannot be used: .*\n$/,
    );
  });
});

describe('a host process', () => {
  test('has a socket of its user alone, also under a long path, and binds it anew when it disappears', async () => {
    const deep = join(home, 'd'.repeat(120), 'e'.repeat(100));
    mkdirSync(deep, { recursive: true });
    const { place } = await foreground({ HOME: deep, HOLDFAST_HOST_SETTINGS: '{"socketCheckMs":50}' });
    expect(lstatSync(place.socket).mode & 0o777).toBe(0o600);
    expect(lstatSync(join(deep, '.local/state/holdfast/run')).mode & 0o777).toBe(0o700);
    const client = await HostClient.connect(place.socket);
    const session = await client.open();
    await session.event('session.ready');
    rmSync(place.socket);
    await eventually(() => client.relink());
    expect(await client.resume()).toMatchObject([{ session: { state: 'Running' } }]);
    expect(await client.run(session, 'true')).toMatchObject({ status: 0 });
    client.close();
  });

  test('ends by itself when nobody uses it, and on SIGTERM with its sessions', async () => {
    const idle = await foreground({ HOLDFAST_HOST_SETTINGS: '{"idleExitMs":50}' });
    if (idle.child.exitCode === null) await once(idle.child, 'exit');
    expect(idle.child.exitCode).toBe(0);
    expect(existsSync(idle.place.socket)).toBe(false);
    const { child, place } = await foreground();
    const client = await HostClient.connect(place.socket);
    const session = await client.open();
    await session.event('session.ready');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(readdirSync(join(home, '.local/state/holdfast/run'))).toEqual([]);
  });

  test('does not keep open what its starter had', async () => {
    const child = spawn('bash', ['-c', `exec 9>&1 57>&1; "$0" "$1" host --ensure`, process.execPath, MAIN], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    // The end of the pipe comes only when nobody holds it any more.
    for await (const chunk of child.stdout) text += String(chunk);
    await pidOf(JSON.parse(text) as Place);
  });
});
