import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SessionState } from '@holdfast/shell/client';
import { connectFrom } from '../support/client.ts';
import { FaultLink } from '../support/fault-link.ts';
import { RIPPLE } from '../support/fault-plan.ts';
import { HOLDFAST } from '../support/machine.ts';
import { startRemote, type Remote } from '../support/remote.ts';
import { Tmux } from '../support/tmux.ts';

const LOCAL_PROMPT = /^~> ?\n*$/m;
const REMOTE_PROMPT = /\[srv1\] ~> ?\n*$/;
const NOTICE = /srv1: .*Ctrl-C goes back/;

let remote: Remote;
let proxy: FaultLink;

beforeEach(async () => {
  remote = await startRemote();
  proxy = await FaultLink.start(() => remote.agent.port, RIPPLE);
  remote.client.knows({ srv1: { port: proxy.port, hostKey: remote.agent.hostKey } });
});

afterEach(async () => {
  await proxy[Symbol.asyncDispose]();
  await remote[Symbol.asyncDispose]();
});

/** A prompt whose client holds session `x` on srv1. */
async function promptWithSession(): Promise<Tmux> {
  const screen = new Tmux([HOLDFAST], { env: remote.client.env, cwd: remote.client.home, columns: 110 });
  await screen.waitFor('local session ready');
  screen.line('New-PSSession -ComputerName srv1 -Name x');
  await screen.waitFor(/x +srv1 +Opened +default +Available/);
  return screen;
}

/** No shell ran what was typed while there was none. */
function expectNothingRan(): void {
  for (const { home } of [remote.host, remote.client]) expect(existsSync(join(home, 'blind'))).toBe(false);
}

test('entering a session whose link hangs says so, and Ctrl-C gives the local prompt back', async () => {
  using screen = await promptWithSession();
  proxy.freeze();
  // The second time, what the first left undone is still in the way.
  for (const marker of ['one', 'two']) {
    screen.line('clear');
    await screen.waitFor(/^~> ?\n*$/);
    screen.line('Enter-PSSession -Name x');
    await screen.waitFor(NOTICE);
    screen.line('touch blind');
    screen.keys('C-c');
    await screen.waitFor(LOCAL_PROMPT);
    screen.line(`echo here-${marker}`);
    await screen.waitFor(new RegExp(`^here-${marker}$`, 'm'));
  }
  proxy.thaw();
  screen.line('Enter-PSSession -Name x');
  await screen.waitFor(REMOTE_PROMPT);
  screen.line('echo there-$((40 + 2))');
  await screen.waitFor(/^there-42$/m);
  expectNothingRan();
}, 60_000);

test('keys that were typed to a session that did not come are not sent to it when it comes', async () => {
  using screen = await promptWithSession();
  await remote.agent.kill();
  screen.line('Enter-PSSession -Name x');
  await screen.waitFor(NOTICE);
  screen.line('touch blind');
  await remote.agent.restart();
  await screen.waitFor('was not sent');
  screen.line('echo there-$((40 + 2))');
  await screen.waitFor(/^there-42$/m);
  expectNothingRan();
}, 60_000);

test('Ctrl-C stops disconnecting and removing over a link that hangs, and the session stays listed', async () => {
  using screen = await promptWithSession();
  proxy.freeze();
  for (const line of ['Disconnect-PSSession -Name x', 'Remove-PSSession -Name x']) {
    screen.line('clear');
    await screen.waitFor(/^~> ?\n*$/);
    screen.line(line);
    await screen.waitFor(`${line}\n`);
    screen.keys('C-c');
    await screen.waitFor(LOCAL_PROMPT);
  }
  screen.line('Get-PSSession');
  await screen.waitFor(/x +srv1 +Opened +default +Available/);
}, 60_000);

test.each([
  ['exit', (screen: Tmux) => screen.line('exit')],
  ['leaving by the menu', (screen: Tmux) => screen.keys('C-]', 'l')],
  ['disconnecting by the menu', (screen: Tmux) => screen.keys('C-]', 'd')],
])(
  '%s from the only session, whose link hangs, can be stopped, and the prompt ends',
  async (_, leave) => {
    using screen = new Tmux([HOLDFAST, 'enter', 'srv1'], { env: remote.client.env, columns: 110 });
    await screen.waitFor(REMOTE_PROMPT);
    proxy.freeze();
    leave(screen);
    await screen.waitFor(/srv1: .*Ctrl-C ends the wait/);
    screen.keys('C-c');
    await expect.poll(() => screen.alive).toBe(false);
    expect(screen.screen()).toMatch(/Stopped before there was an answer\n.*its sessions go on: There was no answer/);
  },
  30_000,
);

test('a detach that was stopped, and came to the host all the same, is known here', async () => {
  await using connection = await connectFrom(remote.client, 'srv1');
  const session = await connection.openSession({ columns: 80, rows: 24 });
  const ended = new Promise<SessionState>((resolve) => session.onState(resolve));
  proxy.freeze();
  const stop = new AbortController();
  const detached = connection.detachSession(session.info.instanceId, { signal: stop.signal });
  stop.abort();
  await expect(detached).rejects.toMatchObject({ id: 'OperationStopped' });
  expect(session.state).toBe('Opened');
  proxy.thaw();
  await expect(ended).resolves.toBe('Disconnected');
}, 30_000);
