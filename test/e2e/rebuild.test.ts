import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Machine, ROOT } from '../support/machine.ts';
import { Tmux } from '../support/tmux.ts';

/** A checkout of its own: the sources copied, what npm installed linked. */
function copyProject(folder: string): void {
  const copy = (...args: string[]): unknown => execFileSync('cp', args, { cwd: ROOT });
  execFileSync('mkdir', ['-p', join(folder, 'packages')]);
  copy('-r', 'tools', 'package.json', 'package-lock.json', folder);
  // Relative links lead to the copied packages; what they lead to in the store is shared with this checkout.
  copy('-al', 'node_modules', folder);
  for (const name of ['protocol', 'agent', 'shell']) {
    execFileSync('mkdir', ['-p', join(folder, 'packages', name)]);
    copy('-r', `packages/${name}/src`, `packages/${name}/package.json`, join(folder, 'packages', name));
    copy('-al', `packages/${name}/node_modules`, join(folder, 'packages', name));
    if (name !== 'protocol') copy('-r', `packages/${name}/bin`, join(folder, 'packages', name));
  }
}

function build(folder: string): string {
  const path = `${join(folder, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
  execFileSync('node', ['tools/build.mjs'], { cwd: folder, env: { ...process.env, PATH: path } });
  return execFileSync(join(folder, 'node_modules/.bin/holdfast'), ['--version'], { encoding: 'utf8' }).trim();
}

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

  const main = join(project, 'packages/agent/src/main.ts');
  writeFileSync(main, `${readFileSync(main, 'utf8')}\nprocess.env['HOLDFAST_REBUILT'] = 'yes';\n`);
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
