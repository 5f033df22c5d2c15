import { execFile, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { HOLDFAST } from '../support/machine.ts';
import { needProgram } from '../support/need-program.ts';
import { makeSecondMachine, startRemote } from '../support/remote.ts';
import { Tmux } from '../support/tmux.ts';

const SEND = 'Get-PSSession -ComputerName srv1 | Send-TSMessage -Text "Down at`e[31m noon`n`aSave"';
const SHOWN = /Alert from \S+ \(\S+ at 127\.0\.0\.1\): Down at \[31m noon Save/;

test('a message stands above the prompt, and in the bottom row over a program until it was seen', async () => {
  needProgram('less');
  await using remote = await startRemote();
  using second = makeSecondMachine(remote);
  remote.client.clientSettings = { noticeMs: 2000 };
  const say = (): Promise<unknown> => promisify(execFile)(HOLDFAST, ['-c', SEND], { env: second.env });
  writeFileSync(join(remote.host.home, 'text'), Array.from({ length: 300 }, (_, index) => `line ${index}\n`).join(''));

  using screen = new Tmux([HOLDFAST, 'enter', 'srv1', '--name', 'work'], { env: remote.client.env, columns: 110 });
  await screen.waitFor(/\[srv1\] ~>\s*$/);
  screen.type('echo half a line');
  await screen.waitFor('half a line');
  await say();
  const above = await screen.waitFor(SHOWN);
  expect(above.trimEnd().split('\n').at(-1)).toBe('[srv1] ~> echo half a line');

  screen.keys('C-u');
  screen.line('less text');
  await screen.waitFor(/^line 22$/m);
  const before = screen.cells();
  // It stands for a moment only.
  const [over] = await Promise.all([screen.waitFor(SHOWN), say()]);
  expect(over.trimEnd().split('\n').at(-1)).toMatch(SHOWN);
  const isBack = { test: () => screen.cells() === before, toString: () => 'the screen of less as it was' };
  await screen.waitFor(isBack);
  screen.keys('q');
  await screen.waitFor(/\[srv1\] ~>\s*$/);
});

test('who sends to a session that nobody looks at is told so, and to none that is not there', async () => {
  await using remote = await startRemote();
  const run = (line: string): string => {
    const { stdout, stderr } = spawnSync(HOLDFAST, ['-c', line], { env: remote.client.env, encoding: 'utf8' });
    return stdout + stderr;
  };
  const lines = [
    '$s = New-PSSession -ComputerName srv1 -Name left',
    'Disconnect-PSSession $s | Out-Null',
    'Send-TSMessage Hello -Id $s.SessionId -ComputerName srv1',
    'Send-TSMessage Hello -Id 4711 -ComputerName srv1',
  ];
  const said = run(lines.join('; '));
  expect(said).toMatch(/WARNING: Nobody is attached to session \d+ on srv1: nobody saw it/);
  expect(said).toContain('There is no session 4711 on srv1');
});
