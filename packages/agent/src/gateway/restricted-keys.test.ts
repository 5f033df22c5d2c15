import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RequestOf, Signer } from '@holdfast/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { AgentProcess, endProcess } from './testing/agent-process.ts';
import { openRequest } from './testing/session-fixture.ts';
import { TestClient, withCertificate, type ClientOptions } from './testing/test-client.ts';
import { TestHome } from './testing/test-gateway.ts';

const LIMIT = 1024 * 1024;

let home: TestHome;
let agent: AgentProcess;
const clients: TestClient[] = [];

beforeAll(async () => {
  home = new TestHome();
  agent = await AgentProcess.start(home);
});

afterEach(async () => {
  const { link } = await connect(home.key);
  for (const { instanceId, state } of (await link.request('session.list', {})).sessions) {
    if (state === 'Running') await link.request('session.stop', { instanceId });
  }
  for (const client of clients.splice(0)) client.close();
});

afterAll(async () => {
  const { hosts } = await (await connect(home.key)).link.request('agent.status', {});
  await agent.stop('SIGKILL');
  for (const { pid } of hosts) await endProcess(pid);
  home[Symbol.dispose]();
});

async function connect(key: Signer, options: Partial<ClientOptions> = {}): Promise<TestClient> {
  const client = await TestClient.connect({ port: agent.port, key, ...options });
  clients.push(client);
  return client;
}

let made = 0;

/** A key of ssh-keygen with options in front of it in authorized_keys. */
function keyWith(options: string): Signer {
  made += 1;
  const key = home.makeKey(`restricted-${made}`);
  home.authorize(`${options} ${publicHalf(made)}`);
  return key;
}

function publicHalf(number: number): string {
  return readFileSync(path.join(home.folder, `restricted-${number}.pub`), 'utf8').trim();
}

/** Puts other options in front of the key that was made last. */
function changeOptions(options: string): void {
  const lines = readFileSync(home.authorizedKeys, 'utf8').split('\n');
  const changed = lines.map((line) => (line.endsWith(publicHalf(made)) ? `${options} ${publicHalf(made)}` : line));
  writeFileSync(home.authorizedKeys, changed.join('\n'));
}

function exec(text: string, more: Partial<RequestOf<'exec.start'>> = {}): RequestOf<'exec.start'> {
  return { channel: 3, errorChannel: 4, execId: randomUUID(), environment: {}, limit: LIMIT, text, ...more };
}

/** What a one-shot prints. */
async function output(client: TestClient, request: RequestOf<'exec.start'>): Promise<string> {
  await client.link.request('exec.start', request);
  const end = await client.until(() => client.events.find(({ event }) => event.type === 'exec.ended')?.event);
  const total = end.type === 'exec.ended' ? end.at : 0;
  await client.until(() => (client.output(request.channel).length >= total ? true : undefined));
  return client.output(request.channel).toString();
}

async function screenOf(client: TestClient, channel: number, text: string): Promise<string> {
  await client.link.request('session.show', { channel, columns: 80, rows: 24, limit: LIMIT, after: 0 });
  return client.until(() => {
    const shown = client.output(channel).toString();
    return shown.includes(text) ? shown : undefined;
  });
}

function resume(channel: number, of: { attachmentId: string; incarnation: string }): RequestOf<'connection.resume'> {
  const { attachmentId, incarnation } = of;
  return { channels: [{ channel, attachmentId, incarnation, receivedTo: 0, limit: LIMIT, eventsTo: 0 }] };
}

const NO_TERMINAL = {
  id: 'AccessDenied',
  message: 'This key may not open a terminal (no-pty): only commands without one run with it',
};
const OWN_COMMAND = {
  id: 'AccessDenied',
  message: 'This key runs its own command and nothing else (command=, force-command)',
};

describe('a key with no-pty, or restrict', () => {
  test.each(['no-pty', 'restrict'])('opens, takes and resumes no session, and runs one-shots (%s)', async (options) => {
    const owner = await connect(home.key);
    const { session, attachment } = await owner.link.request('session.open', openRequest(1));
    const client = await connect(keyWith(options), { clientId: owner.clientId });
    await expect(client.link.request('session.open', openRequest(1))).rejects.toMatchObject(NO_TERMINAL);
    const { instanceId } = session;
    const { link } = client;
    const taking = { channel: 1, instanceId, force: true };
    await expect(link.request('session.connect', taking)).rejects.toMatchObject(NO_TERMINAL);
    await expect(link.request('session.watch', { channel: 1, instanceId })).rejects.toMatchObject(NO_TERMINAL);
    const { channels } = await client.link.request('connection.resume', resume(1, attachment));
    expect(channels).toMatchObject([{ error: { error: 'AccessDenied', message: NO_TERMINAL.message } }]);
    expect((await client.link.request('session.list', {})).sessions).toMatchObject([{ instanceId }]);
    expect(await output(client, exec('tty; echo still here'))).toBe('not a tty\nstill here\n');
  });

  test('opens sessions with restrict,pty', async () => {
    const client = await connect(keyWith('restrict,pty'));
    await client.link.request('session.open', openRequest(1));
    await expect.poll(() => agent.log).toContain('"event":"session.opened"');
  });
});

describe('a key with a command of its own', () => {
  test('runs that in the place of what is asked, in the home folder, and tells it what was asked', async () => {
    const client = await connect(keyWith('command="echo \\"$SSH_ORIGINAL_COMMAND\\"; pwd; cat",no-pty'));
    const request = exec('rm -rf "$HOME"; exit 9', { cwd: '/usr' });
    await client.link.request('exec.start', request);
    await client.link.request('channel.end', { channel: 3, at: 0 });
    const ended = await client.until(() => client.events.find(({ event }) => event.type === 'exec.ended')?.event);
    expect(ended).toMatchObject({ status: 0 });
    const said = `rm -rf "$HOME"; exit 9\n${home.folder}\n`;
    await client.until(() => (client.output(3).length >= said.length ? true : undefined));
    expect(client.output(3).toString()).toBe(said);
    await expect(client.link.request('session.open', openRequest(5))).rejects.toMatchObject(NO_TERMINAL);
    await expect.poll(() => agent.log).toContain('restricted: no-pty, command=');
  });

  test('runs it in a session too, which lives on, and reaches nothing else', async () => {
    const owner = await connect(home.key);
    const { session: others, attachment } = await owner.link.request('session.open', openRequest(1));
    const key = keyWith('command="echo forced [$SSH_ORIGINAL_COMMAND]; tty; read -r line; echo got $line; cat"');
    const first = await connect(key, { clientId: owner.clientId });
    const own = await first.link.request('session.open', openRequest(1));
    expect(await screenOf(first, 1, '/dev/pts/')).toContain('forced []\r\n/dev/pts/');
    const { instanceId } = others;
    const hidden = { id: 'SessionNotFound' };
    const { link } = first;
    await expect(link.request('session.connect', { channel: 7, instanceId, force: true })).rejects.toMatchObject(
      hidden,
    );
    await expect(link.request('session.watch', { channel: 7, instanceId })).rejects.toMatchObject(hidden);
    await expect(link.request('session.stop', { instanceId })).rejects.toMatchObject(hidden);
    await expect(link.request('session.detach', { instanceId })).rejects.toMatchObject(hidden);
    await expect(link.request('session.update', { instanceId, name: 'mine' })).rejects.toMatchObject(hidden);
    const { channels } = await link.request('connection.resume', resume(8, attachment));
    expect(channels).toMatchObject([{ error: { error: 'AttachmentLost' } }]);
    const run = { channel: 1, commandId: randomUUID(), text: 'id' };
    await expect(link.request('command.run', run)).rejects.toMatchObject(OWN_COMMAND);
    await expect(link.request('agent.status', {})).rejects.toMatchObject(OWN_COMMAND);
    await expect(link.request('agent.configurations', {})).rejects.toMatchObject(OWN_COMMAND);
    expect((await link.request('session.list', {})).sessions.map((session) => session.instanceId)).toEqual([
      own.session.instanceId,
    ]);
    // What another key holds under the same client id is not this one's to let go of.
    await link.request('session.detach', { instanceId: own.session.instanceId });
    expect(await link.request('connection.goodbye', {})).toEqual({ closed: [], left: [] });
    first.close();
    const again = await connect(key);
    const retaken = { channel: 2, instanceId: own.session.instanceId, force: false };
    await again.link.request('session.connect', retaken);
    expect(await screenOf(again, 2, 'forced')).toContain('forced []');
    const states = (await owner.link.request('session.list', {})).sessions.map(({ state }) => state);
    expect(states).toEqual(['Running', 'Running']);
  });

  test('another key, or the same with another command, reaches nothing of it', async () => {
    const key = keyWith('command="exec cat"');
    const first = await connect(key);
    const request = openRequest(1);
    const { session } = await first.link.request('session.open', request);
    changeOptions('command="exec cat; exit"');
    const listed = async (client: TestClient): Promise<number> =>
      (await client.link.request('session.list', {})).sessions.length;
    const changed = await connect(key);
    expect(await listed(changed)).toBe(0);
    await expect(changed.link.request('session.open', { ...request, channel: 9 })).rejects.toMatchObject({
      id: 'AccessDenied',
    });
    const other = await connect(keyWith('command="exec cat"'));
    expect(await listed(other)).toBe(0);
    const taking = { channel: 1, instanceId: session.instanceId, force: true };
    await expect(other.link.request('session.connect', taking)).rejects.toMatchObject({ id: 'SessionNotFound' });
    expect(await listed(first)).toBe(1);
  });
});

describe('from=', () => {
  test('lets a key in from its addresses only, and a ticket too', async () => {
    const key = keyWith('from="127.0.0.0/30,!127.0.0.3"');
    const client = await connect(key, { localAddress: '127.0.0.2' });
    const again = { clientId: client.clientId, ticket: client.ticket };
    expect((await connect(key, { ...again, localAddress: '127.0.0.1' })).resumed).toBe(true);
    for (const localAddress of ['127.0.0.3', '127.0.0.9']) {
      await expect(connect(key, { ...again, localAddress })).rejects.toMatchObject({ id: 'AccessDenied' });
    }
    await expect.poll(() => agent.log).toContain('The key is not let in from 127.0.0.9');
  });
});

describe('a ticket', () => {
  test('ends with the options of its key, and not before', async () => {
    const key = keyWith('no-pty');
    const client = await connect(key);
    const again = { clientId: client.clientId, ticket: client.ticket };
    const resumed = await connect(key, again);
    expect(resumed.resumed).toBe(true);
    await expect(resumed.link.request('session.open', openRequest(1))).rejects.toMatchObject(NO_TERMINAL);
    changeOptions('command="echo forced"');
    const changed = await connect(key, again);
    expect(changed.resumed).toBe(false);
    expect(await output(changed, exec('id'))).toBe('forced\n');
    await expect.poll(() => agent.log).toContain('The options of the key have changed since the ticket was given');
    changeOptions('expiry-time="20010101"');
    await expect(connect(key, again)).rejects.toMatchObject({ id: 'AccessDenied' });
  });
});

describe('a certificate', () => {
  test('lets in by its authority, with its restrictions, its id in the log and a ticket', async () => {
    keyWith('cert-authority,principals="ops"');
    const authority = path.join(home.folder, `restricted-${made}`);
    const key = home.makeKey('certified');
    const file = path.join(home.folder, 'certified');
    const options = ['-I', 'ann@work', '-z', '7', '-n', 'ops', '-V', '-1m:+1d', '-O', 'no-pty'];
    execFileSync('ssh-keygen', ['-q', '-s', authority, ...options, `${file}.pub`], { stdio: 'pipe' });
    const certified = withCertificate(key, `${file}-cert.pub`);
    const client = await connect(certified);
    await expect(client.link.request('session.open', openRequest(1))).rejects.toMatchObject(NO_TERMINAL);
    expect(await output(client, exec('echo in'))).toBe('in\n');
    await expect.poll(() => agent.log).toContain('by certificate ID ann@work (serial 7) CA SHA256:');
    const again = { clientId: client.clientId, ticket: client.ticket };
    expect((await connect(certified, again)).resumed).toBe(true);
    await expect(connect(key)).rejects.toMatchObject({ id: 'AccessDenied' });
    changeOptions('cert-authority,principals="dev"');
    await expect(connect(certified, again)).rejects.toMatchObject({ id: 'AccessDenied' });
  });
});
