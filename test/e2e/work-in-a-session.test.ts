import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HOLDFAST } from '../support/machine.ts';
import { needProgram } from '../support/need-program.ts';
import { startRemote } from '../support/remote.ts';
import { Tmux } from '../support/tmux.ts';

describe('a day in a session', () => {
  test('work, leave, and find everything as it was', async () => {
    for (const program of ['tmux', 'vim', 'top']) needProgram(program);
    await using remote = await startRemote();
    using screen = new Tmux([HOLDFAST], { env: remote.client.env, cwd: remote.client.home });
    await screen.waitFor('local session ready');
    screen.line('New-PSSession -ComputerName srv1 -Name work');
    await screen.waitFor(/work +srv1 +Opened +default +Available/);
    screen.line('Enter-PSSession -Name work');
    await screen.waitFor(/\[srv1\] ~>\s*$/);

    screen.line('cd /etc; pwd');
    await screen.waitFor(/^\/etc$/m);
    await screen.waitFor(/\[srv1\] \/etc>\s*$/);
    screen.line('FOUND=me-again');

    screen.line(`vim -u NONE -N ${remote.host.home}/note.txt`);
    await screen.waitFor('note.txt');
    screen.type('iwritten in vim');
    await screen.waitFor('written in vim');
    screen.keys('Escape');
    screen.line(':wq');
    await screen.waitFor(/\[srv1\] \/etc>\s*$/);
    expect(readFileSync(join(remote.host.home, 'note.txt'), 'utf8')).toBe('written in vim\n');

    // A key that comes between an echo of bash itself and the program's start is lost to bash, as over ssh.
    screen.line("sh -c 'echo begin; exec sleep 100'");
    await screen.waitFor(/^begin$/m);
    screen.keys('C-c');
    await screen.waitFor(/\^C[\s\S]*\[srv1\] \/etc>\s*$/);

    screen.line("sh -c 'echo again; exec sleep 200'");
    await screen.waitFor(/^again$/m);
    screen.keys('C-z');
    await screen.waitFor(/Stopped +sh -c 'echo again; exec sleep 200'/);
    screen.line('fg');
    await screen.waitFor(/sleep 200'\s*$/);
    screen.keys('C-c');
    await screen.waitFor(/\[srv1\] \/etc>\s*$/);

    screen.line('clear; top');
    await screen.waitFor(/PID +USER/);
    screen.resize(100, 30);
    await screen.waitFor(/PID +USER/);
    screen.type('q');
    await screen.waitFor(/\[srv1\] \/etc>\s*$/);
    screen.line('stty size');
    await screen.waitFor(/^30 100$/m);

    screen.line('exit');
    await screen.waitFor(/~>\s*$/);
    screen.line('Enter-PSSession -Name work');
    await screen.waitFor(/\[srv1\] \/etc>\s*$/);
    screen.line('clear; echo "variable: $FOUND"');
    await screen.waitFor(/^variable: me-again$/m);
  });

  test('holdfast enter HOST --name comes back to the same session', async () => {
    await using remote = await startRemote();
    {
      using screen = new Tmux([HOLDFAST, 'enter', 'srv1', '--name', 'build'], { env: remote.client.env });
      await screen.waitFor(/\[srv1\] ~>\s*$/);
      screen.line('KEPT=yes; cd /tmp');
      await screen.waitFor(/\[srv1\] \/tmp>\s*$/);
      screen.line('exit');
      await expect.poll(() => screen.alive, { timeout: 20_000 }).toBe(false);
    }
    using screen = new Tmux([HOLDFAST, 'enter', 'srv1', '--name', 'build'], { env: remote.client.env });
    await screen.waitFor(/\[srv1\] \/tmp>\s*$/);
    screen.line('echo "kept: $KEPT"');
    await screen.waitFor(/^kept: yes$/m);
  });
});
