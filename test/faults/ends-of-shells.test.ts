import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HOLDFAST } from '../support/machine.ts';
import { childrenOf } from '../support/process.ts';
import { startRemote, type Remote } from '../support/remote.ts';
import { Tmux } from '../support/tmux.ts';

const LOST = 'The host does not have it any more: it was ended there, or the process that ran it was';

/** Holdfast's prompt, with sessions of these names on srv1. */
async function promptWith(remote: Remote, names: readonly string[]): Promise<Tmux> {
  const { env, home } = remote.client;
  const screen = new Tmux([HOLDFAST], { env, cwd: home, columns: 120, rows: 50 });
  await screen.waitFor('local session ready');
  for (const name of names) {
    screen.line(`New-PSSession -ComputerName srv1 -Name ${name}`);
    await screen.waitFor(new RegExp(`${name} +srv1 +Opened`));
  }
  return screen;
}

/** The process of the session host, which is not the gateway's child: the parent of a session's shell. */
async function hostPid(screen: Tmux): Promise<number> {
  screen.line('echo host=$PPID.');
  const text = await screen.waitFor(/host=\d+\./);
  return Number(/host=(\d+)\./.exec(text)?.[1]);
}

describe('a shell that ends', () => {
  test('by a signal: the session is Closed, the signal is named at the prompt and by a job, and its host goes on', async () => {
    await using remote = await startRemote();
    using screen = await promptWith(remote, ['one', 'two', 'three']);
    screen.line('Enter-PSSession -Name one');
    await screen.waitFor(/\[srv1\] ~>\s*$/);
    screen.line('kill -KILL $$');
    await screen.waitFor(/^one on srv1: The shell was ended by SIGKILL\n~>\s*$/m);
    screen.line('Enter-PSSession -Name two');
    await screen.waitFor(/\[srv1\] ~>\s*$/);
    screen.line('kill -SEGV $$');
    await screen.waitFor(/^two on srv1: The shell was ended by SIGSEGV\n~>\s*$/m);
    screen.line('$job = Invoke-Command -Session (Get-PSSession -Name three) { kill -9 $$ } -AsJob');
    screen.line('Wait-Job $job; Receive-Job $job');
    await screen.waitFor(/^\[srv1\] The shell was ended by SIGKILL$/m);
    screen.line('clear; Get-PSSession');
    await screen.waitFor(/one +srv1 +Closed .*\n.*two +srv1 +Closed .*\n.*three +srv1 +Closed/);
    screen.line('New-PSSession -ComputerName srv1 -Name four');
    await screen.waitFor(/four +srv1 +Opened/);
  });

  test('while a child has its terminal still: the prompt is back at once, and what the child printed before is there', async () => {
    await using remote = await startRemote();
    using screen = await promptWith(remote, ['one']);
    screen.line('Enter-PSSession -Name one');
    await screen.waitFor(/\[srv1\] ~>\s*$/);
    const file = join(remote.host.home, 'go');
    screen.line(`(until [ -e ${file} ]; do sleep 0.05; done; echo la''ter; sleep 60) &`);
    await screen.waitFor(/\[srv1\] ~>\s*$/);
    screen.type('echo half a line');
    await screen.waitFor(/half a line$/m);
    expect(existsSync(file)).toBe(false);
    screen.keys('C-a');
    screen.type(`touch ${file}; `);
    screen.keys('Enter');
    // What the child prints afterwards comes above the prompt, which stays.
    await screen.waitFor(/^half a line\n[\s\S]*\[srv1\] ~>\s*$/m);
    await screen.waitFor(/^later$/m);
    await screen.waitFor(/\[srv1\] ~>\s*$/);
    screen.line(
      "trap '' HUP; (trap '' HUP; yes | head -c 300000; echo; echo e''nd; exec sleep 60) & wait -n $! & sleep 2; exec true",
    );
    await screen.waitFor(/^end\n[\s\S]*one on srv1: The shell ended with status 0/m);
  });
});

test('a session host that is killed: each of its sessions is Broken, with one line, and the next gets a new host', async () => {
  await using remote = await startRemote();
  using screen = await promptWith(remote, ['one', 'two', 'three']);
  screen.line('Enter-PSSession -Name two');
  await screen.waitFor(/\[srv1\] ~>\s*$/);
  const pid = await hostPid(screen);
  const shells = childrenOf(pid);
  expect(shells.length).toBeGreaterThanOrEqual(3);
  process.kill(pid, 'SIGKILL');
  for (const name of ['one', 'two', 'three']) await screen.waitFor(`${name} on srv1: ${LOST}`);
  await screen.waitFor(/^~>\s*$/m);
  screen.line('Get-PSSession');
  const shown = await screen.waitFor(/one +srv1 +Broken .*\n.*two +srv1 +Broken .*\n.*three +srv1 +Broken/);
  expect(shown.split(LOST)).toHaveLength(4);
  // The terminal hangs up, as when sshd dies.
  await expect.poll(() => shells.filter((shell) => existsSync(`/proc/${shell}`)), { timeout: 20_000 }).toEqual([]);
  screen.line('New-PSSession -ComputerName srv1 -Name four');
  await screen.waitFor(/four +srv1 +Opened/);
});
