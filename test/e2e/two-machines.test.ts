import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { HOLDFAST } from '../support/machine.ts';
import { makeSecondMachine, startRemote } from '../support/remote.ts';
import { Tmux } from '../support/tmux.ts';

test('the second machine finds, takes and continues the session of the first while a command runs', async () => {
  await using remote = await startRemote();
  using second = makeSecondMachine(remote);

  using here = new Tmux([HOLDFAST], { env: remote.client.env, cwd: remote.client.home, columns: 110 });
  await here.waitFor('local session ready');
  here.line('New-PSSession -ComputerName srv1 -Name ITTask');
  await here.waitFor(/1 ITTask +srv1 +Opened +default +Available/);
  here.line('Enter-PSSession -Name ITTask');
  await here.waitFor(/\[srv1\] ~>\s*$/);
  here.line('for i in $(seq 1 100000); do echo tick-$i; sleep 0.05; done');
  await here.waitFor('tick-5');

  using there = new Tmux([HOLDFAST], { env: second.env, cwd: second.home, columns: 110 });
  await there.waitFor('local session ready');
  there.line('Get-PSSession -ComputerName srv1');
  await there.waitFor(/1 ITTask +srv1 +Disconnected +default +Busy/);
  there.line('Connect-PSSession -ComputerName srv1 -Name ITTask');
  await there.waitFor(/not available for connection/);
  there.line('Connect-PSSession -ComputerName srv1 -Name ITTask -Force');
  await there.waitFor(/ITTask +srv1 +Opened +default +Busy/);
  const told = /ITTask on srv1: The session was taken by .*  ·  Enter-PSSession -Id 1 -Force$/m;
  await here.waitFor(told, { history: true });
  there.line('Enter-PSSession -Name ITTask');
  await there.waitFor(/tick-\d+/);
  const sessions = JSON.parse(
    execFileSync(HOLDFAST, ['sessions', 'srv1', '--json'], { env: remote.client.env, encoding: 'utf8' }),
  ) as unknown[];
  expect(sessions).toHaveLength(1);
  there.keys('C-c');
  await there.waitFor(/\[srv1\] ~>\s*$/);
  there.line('clear; echo mine now');
  await there.waitFor(/^mine now$/m);
});
