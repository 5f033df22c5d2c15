import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HOLDFAST, Machine, ROOT } from '../support/machine.ts';
import { Tmux } from '../support/tmux.ts';

test('npm start, with an empty HOME, opens the prompt on a local session, runs ls, and quits', async () => {
  using machine = new Machine({ key: false });
  using screen = new Tmux(['npm', 'start', '--silent'], { env: machine.env, cwd: ROOT });
  await screen.waitFor(/local session ready/);
  screen.line(`cd ${machine.home} && touch here-i-am`);
  await screen.waitFor(/~>\s*$/);
  screen.line('ls');
  await screen.waitFor(/^here-i-am/m);
  screen.line('exit');
  await expect.poll(() => screen.alive, { timeout: 20_000 }).toBe(false);
});

test('a HOME of 200 bytes is no obstacle', async () => {
  using machine = new Machine({ key: false, homeBytes: 200 });
  using screen = new Tmux([HOLDFAST], { env: machine.env, cwd: machine.home });
  await screen.waitFor('local session ready');
  screen.line('echo works-$((40+2))');
  await screen.waitFor(/^works-42$/m);
});

test('a runtime folder that others may write to is refused with its path', async () => {
  using machine = new Machine({ key: false });
  const folder = join(machine.home, 'open');
  mkdirSync(folder, { mode: 0o777 });
  writeFileSync(join(machine.home, '.bashrc'), '');
  using screen = new Tmux(['sh', '-c', `chmod 777 ${folder}; ${HOLDFAST}; echo status $?; cat`], {
    env: { ...machine.env, HOLDFAST_RUNTIME_DIR: folder },
    cwd: machine.home,
    columns: 160,
  });
  await screen.waitFor(/status 255/);
  expect(screen.screen()).toContain(`${folder} is not a folder of this user alone`);
});
