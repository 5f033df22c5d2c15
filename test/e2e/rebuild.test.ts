import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Machine } from '../support/machine.ts';
import { build, changeAgent, copyProject } from '../support/other-build.ts';
import { Tmux } from '../support/tmux.ts';

test('building the project again while sessions run breaks none of them', async () => {
  using machine = new Machine({ key: false });
  const project = join(machine.home, 'project');
  copyProject(project);
  const before = build(project);
  const holdfast = join(project, 'node_modules/.bin/holdfast');
  using old = new Tmux([holdfast], { env: machine.env, cwd: machine.home });
  await old.waitFor('local session ready');
  old.line('New-PSSession -ComputerName localhost -Name keeps');
  await old.waitFor(/keeps +localhost +Opened/);
  old.line('Enter-PSSession -Name keeps');
  await old.waitFor(/\[localhost\] ~>\s*$/);
  old.line('KEPT=yes; for i in 1 2 3; do echo before-$i; done');
  await old.waitFor('before-3');

  changeAgent(project);
  const after = build(project);
  expect(after).not.toBe(before);

  old.line('clear; echo still-$KEPT');
  await old.waitFor(/^still-yes$/m);
  old.line('exit');
  await old.waitFor(/(^|\n)~>\s*$/);
  // Code that the running shell has not loaded yet comes from its own build.
  old.line('Get-Help Remove-PSSession');
  await old.waitFor(/SYNTAX|Syntax|Ends/i);

  using fresh = new Tmux([holdfast], { env: machine.env, cwd: machine.home, columns: 100 });
  await fresh.waitFor('local session ready');
  fresh.line('Get-PSSession -ComputerName localhost -Name keeps');
  await fresh.waitFor(/keeps +localhost +Disconnected +default +Busy/);
  fresh.line('Connect-PSSession -ComputerName localhost -Name keeps -Force');
  await fresh.waitFor(/keeps +localhost +Opened/);
  fresh.line('Enter-PSSession -Name keeps');
  await fresh.waitFor(/\[localhost\] ~>\s*$/);
  fresh.line('clear; echo taken-$KEPT');
  await fresh.waitFor(/^taken-yes$/m);
}, 180_000);
