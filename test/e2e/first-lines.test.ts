import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HOLDFAST, Machine } from '../support/machine.ts';
import { answerAt } from '../support/prompt.ts';
import { Tmux } from '../support/tmux.ts';

async function answer(screen: Tmux, line: string): Promise<string> {
  return (await answerAt(screen, '~>', line)).join('\n').trim();
}

test('what somebody types who knows PowerShell and Unix does what they meant', async () => {
  using machine = new Machine();
  writeFileSync(join(machine.home, 'README.md'), '# read me\n');
  writeFileSync(join(machine.home, 'notes.txt'), '');
  using screen = new Tmux([HOLDFAST], { env: machine.env, cwd: machine.home, columns: 110 });
  await screen.waitFor('local session ready');
  expect(await answer(screen, '6 * 7')).toBe('42');
  expect(await answer(screen, "ls | Where-Object { $_ -like '*.md' }")).toBe('README.md');
  expect(await answer(screen, 'Get-PSSession | grep srv1')).toBe('');
  expect(await answer(screen, '$d = date; $d.Length -gt 20')).toBe('True');
  expect(await answer(screen, 'if [ -f README.md ]; then echo yes; fi')).toBe('yes');
  expect(await answer(screen, '(cd /tmp; pwd)')).toBe('/tmp');
  expect(await answer(screen, 'Get-PSSesion')).toContain('Did you mean Get-PSSession?');

  screen.line("echo 'one");
  await screen.waitFor(/^>\s*$/m);
  screen.line("two'");
  await screen.waitFor(/^one\ntwo$/m);

  screen.line('cd /tmp');
  await screen.waitFor(/^\/tmp>\s*$/m);
  screen.line('pwd | ForEach-Object { "at $_" }');
  await screen.waitFor(/^at \/tmp$/m);
});
