import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HOLDFAST, Machine } from '../../../../test/support/machine.ts';
import { needProgram } from '../../../../test/support/need-program.ts';
import { Tmux } from '../../../../test/support/tmux.ts';

/** The prompt, and nothing behind it. */
const AT_PROMPT = /~> ?\n*$/;

describe('the prompt in a real terminal', () => {
  let machine: Machine;

  beforeEach(() => {
    machine = new Machine({ key: false });
  });

  afterEach(() => machine[Symbol.dispose]());

  async function open(args: readonly string[] = []): Promise<Tmux> {
    const screen = new Tmux(['bash', '--norc', '-c', '"$@"; echo "ended: $?"; stty -a', '-', HOLDFAST, ...args], {
      env: machine.env,
      cwd: machine.home,
    });
    await screen.waitFor(AT_PROMPT);
    return screen;
  }

  test('edits with cursor keys, and keeps its history between runs', async () => {
    {
      using screen = await open();
      screen.type('echo helo');
      screen.keys('Left');
      screen.type('l');
      screen.keys('Enter');
      await screen.waitFor(/^hello$/m);
      screen.line(' echo secret');
      await screen.waitFor(/^secret$/m);
      screen.line('exit');
      await screen.waitFor('ended: 0');
    }
    using screen = await open();
    screen.keys('Up');
    await screen.waitFor(/~> exit$/m);
    screen.keys('Up');
    await screen.waitFor(/~> echo hello$/m);
    screen.keys('C-c', 'C-r');
    screen.type('hel');
    await screen.waitFor("(reverse-i-search)`hel': echo hello");
    screen.keys('Enter');
    await screen.waitFor(/^hello$/m);
  });

  test('asks for the rest of an incomplete line', async () => {
    using screen = await open();
    screen.line('for i in 3 4; do');
    await screen.waitFor(/^>$/m);
    screen.line('echo n$i; done');
    await screen.waitFor(/^n3\nn4\n~>/m);
    screen.line('echo "open');
    await screen.waitFor(/^>$/m);
    screen.keys('C-c');
    await screen.waitFor(/\^C\n~>/);
  });

  test('a line entered at the top of the screen is in the scrollback once; exit N is the status', async () => {
    using screen = await open(['enter', 'localhost']);
    screen.line('echo here');
    await screen.waitFor(/^here\n.*~>/m);
    expect(screen.history().match(/echo here/g)).toHaveLength(1);
    screen.line('exit 9');
    await screen.waitFor('ended: 9');
  });

  test('completes files in a line of ours so that it reads them back', async () => {
    using screen = await open();
    screen.line("mkdir 'my dir' && touch 'my dir/b c.md' \"my dir/it's\"");
    await screen.waitFor(AT_PROMPT);
    screen.type('Write-Output my');
    screen.keys('Tab');
    await screen.waitFor(/~> Write-Output 'my dir\/$/m);
    screen.keys('Tab');
    await screen.waitFor(/^b c\.md +it''s\n~> Write-Output 'my dir\/$/m);
    screen.type('b');
    screen.keys('Tab');
    await screen.waitFor(/~> Write-Output 'my dir\/b c\.md'$/m);
    screen.type('"my dir/i');
    screen.keys('Tab');
    await screen.waitFor(/b c\.md' 'my dir\/it''s'$/m);
    screen.keys('C-u');
    screen.type('cat ~/my');
    screen.keys('Tab');
    await screen.waitFor(/~> cat ~\/my\\ dir\/$/m);
    screen.keys('C-u');
    screen.type('foreach ($x in 1) {\n');
    await screen.waitFor(/^>$/m);
    screen.type('Write-Output my');
    screen.keys('Tab');
    await screen.waitFor(/^> Write-Output 'my dir\/$/m);
    screen.keys('C-c');
    screen.type("1; ls ~/'my dir/b");
    screen.keys('Tab');
    await screen.waitFor(/ls ~\/'my dir\/b c\.md'$/m);
    screen.keys('Enter');
    await screen.waitFor(/^1\n'?\/\S+\/my dir\/b c\.md'?$/m);
  });

  test('asks for the rest of a line of ours, and before it does what -Confirm names', async () => {
    using screen = await open();
    screen.line('New-PSSession -ComputerName localhost,');
    await screen.waitFor(/^>$/m);
    screen.line('"localhost"');
    await screen.waitFor(/Opened +default +Available/);
    screen.line('Remove-PSSession -Id 1 -Confirm');
    await screen.waitFor('[S] Suspend  [?] Help (default i');
    // Enter belongs to what was typed, and what is no answer is asked again.
    screen.line('?');
    await screen.waitFor(/^N - Skip this operation and proceed with the next operation\.$/m);
    screen.line('hello');
    await screen.waitFor(/\): hello\n/m);
    screen.line('s');
    await screen.waitFor(/^~>>\s*$/m);
    screen.line('(Get-PSSession -Id 1).State');
    await screen.waitFor(/^Opened\n~>>\s*$/m);
    screen.line('echo from bash');
    await screen.waitFor(/^from bash\n~>>\s*$/m);
    screen.line('exit');
    await screen.waitFor(/^from bash\n~>> exit\nConfirm$/m);
    screen.type('n');
    await screen.waitFor(/\): n$/m);
    screen.keys('Enter');
    await screen.waitFor(AT_PROMPT);
    screen.line('$WhatIfPreference = $true; Remove-PSSession -Id 1; $WhatIfPreference = $false');
    await screen.waitFor('What if: Performing the operation "Remove" on target "localhost".');
    screen.line("$ConfirmPreference = 'Low'; Remove-PSSession -Id 1");
    await screen.waitFor(/"Y"\):\s*$/);
    screen.type('l');
    screen.keys('Enter');
    await screen.waitFor(AT_PROMPT);
    screen.line('exit');
    await screen.waitFor('ended: 0');
  });

  test('follows cd, and wraps a long line of wide characters at the edge', async () => {
    using screen = await open();
    screen.line('mkdir -p src && cd src');
    await screen.waitFor(/~\/src>/);
    screen.type(`echo ${'漢'.repeat(40)}end`);
    await screen.waitFor(/漢\n漢+end$/m);
    screen.keys('C-a');
    await expect.poll(() => screen.format('#{cursor_x}')).toBe('7');
    screen.keys('Enter');
    await screen.waitFor(/^漢+\nend$/m);
  });

  test('a wrapped line stands there once when the window was made narrower and wider', async () => {
    using screen = await open();
    const words = Array.from({ length: 30 }, (_, at) => `w${at}`).join(' ');
    screen.type(`echo ${words}`);
    for (const columns of [80, 60, 80]) {
      screen.resize(columns, 24);
      // As wide as the window, and the rest in the rows below.
      const text = `~> echo ${words}`;
      const rows = Array.from({ length: Math.ceil(text.length / columns) }, (_, at) =>
        text.slice(at * columns, (at + 1) * columns).trimEnd(),
      );
      await screen.waitFor(`${rows.join('\n')}\n`);
      await expect.poll(() => screen.format('#{cursor_x}')).toBe(String(text.length % columns));
    }
    expect(screen.history().match(/echo w0/g)).toHaveLength(1);
  });

  test('puts the modes back that a killed program left on', async () => {
    using screen = await open();
    screen.line(String.raw`sh -c 'printf "\033[?1049h\033[?1000h\033[?25l\033[?2004hALT"; sleep 0.2; kill -9 $$'`);
    await screen.waitFor('ALT');
    await screen.waitFor(AT_PROMPT);
    expect(screen.format('#{alternate_on} #{mouse_any_flag} #{cursor_flag}')).toBe('0 0 1');
    screen.line("printf 'no newline'");
    await screen.waitFor(/^no newline%\n~>/m);
  });

  test('gives keys that were typed ahead to whoever reads next', async () => {
    using screen = await open();
    screen.type('read a; read b; echo "[$a][$b]"');
    screen.keys('Enter');
    screen.line('one');
    screen.line('two');
    await screen.waitFor('[one][two]');
    screen.line('sleep 0.5');
    screen.line('echo whole-line');
    screen.type('half');
    await screen.waitFor(/^whole-line\n~> half$/m);
  });

  test('leaves a command running with the menu, and finds it again', async () => {
    using screen = await open();
    screen.line('Enter-PSSession -ComputerName localhost');
    await screen.waitFor(/\[localhost\] ~>/);
    // One process: in a loop of bash a Ctrl-C between fork and exec is lost.
    screen.line(`perl -e '$| = 1; print "tick\\n" while !select undef, undef, undef, 0.1'`);
    await screen.waitFor(/tick\ntick/);
    screen.keys('C-]');
    await screen.waitFor('[l] leave it running');
    screen.type('l');
    await screen.waitFor(/goes on: Enter-PSSession -Id (\d+)\n~>/);
    const id = /Enter-PSSession -Id (\d+)/.exec(screen.screen())?.[1];
    screen.line(`clear; echo between`);
    await screen.waitFor(/^between$/m);
    screen.line(`Enter-PSSession -Id ${id}`);
    await screen.waitFor(/tick\ntick/);
    screen.keys('C-]');
    await screen.waitFor('[s] stop it');
    screen.type('s');
    await screen.waitFor(/\[localhost\] ~> ?\n*$/);
    screen.line('exit');
    await screen.waitFor(AT_PROMPT);
  });

  test('the way back to a session that was left can be copied', async () => {
    using screen = await open(['enter', 'localhost', '--name', "my owner's work"]);
    screen.keys('C-]');
    await screen.waitFor('[d] disconnect');
    screen.type('d');
    await screen.waitFor('ended: 0');
    const [, line = ''] = /goes on: (holdfast .*)$/m.exec(screen.history()) ?? [];
    using again = new Tmux(['bash', '--norc', '-c', line], { env: machine.env, cwd: machine.home });
    await again.waitFor(AT_PROMPT);
    again.keys('C-]');
    await again.waitFor('[d] disconnect');
    expect(line).toContain(String.raw`--name='my owner'\''s work'`);
  });

  test('what came of a session that was left is counted, and scrolled to', async () => {
    using screen = await open(['enter', 'localhost', '--name', 'work']);
    screen.line('mkfifo wait; read <wait; seq 100');
    await expect.poll(() => existsSync(join(machine.home, 'wait'))).toBe(true);
    screen.keys('C-]');
    await screen.waitFor('[d] disconnect');
    screen.type('d');
    await screen.waitFor('ended: 0');
    writeFileSync(join(machine.home, 'wait'), '\n');
    const listed = (): string =>
      execFileSync(HOLDFAST, ['sessions', 'localhost', '--json'], { env: machine.env, encoding: 'utf8' });
    await expect.poll(listed).toContain('"Command": null');
    using again = await open(['enter', 'localhost', '--name', 'work']);
    expect(again.screen()).toMatch(
      /^100\n· \d+ bytes came meanwhile: scroll up for the last of them\n\[localhost\] ~>/m,
    );
    expect(again.history()).toMatch(/^1\n2\n3\n/m);
  });

  test('a session that is entered again shows its lines as they were typed, right below what was on the screen', async () => {
    using screen = await open();
    screen.line('New-PSSession -Name work');
    await screen.waitFor(/work +localhost +Opened/);
    screen.line('Enter-PSSession -Name work');
    await screen.waitFor(/\[localhost\] ~> ?\n*$/);
    screen.line('V=1');
    await screen.waitFor(/V=1\n\[localhost\] ~> ?\n*$/);
    screen.line('exit');
    await screen.waitFor(/exit\n~> ?\n*$/);
    screen.line('Enter-PSSession -Name work');
    const shown = await screen.waitFor(/Opened[\s\S]*V=1[\s\S]*V=1\n\[localhost\] ~>\s*$/, { history: true });
    expect(shown).toMatch(/exit\n~> Enter-PSSession -Name work\n\[localhost\] ~> V=1\n\[localhost\] ~>\s*$/);
  });

  test('the menu gives the line at the prompt back as it stood, its cursor too', async () => {
    using screen = await open(['enter', 'localhost']);
    screen.type('echo one three');
    screen.keys('M-b');
    screen.keys('C-]');
    await screen.waitFor('[c] cancel');
    screen.type('c');
    await screen.waitFor(/~> echo one three$/m);
    screen.type('two ');
    await screen.waitFor(/~> echo one two three$/m);
    screen.keys('Enter');
    await screen.waitFor(/^one two three$/m);
  });

  test('says that jobs run before it closes a temporary session', async () => {
    using screen = await open();
    screen.line('Enter-PSSession -ComputerName localhost');
    await screen.waitFor(/\[localhost\] ~>/);
    screen.line('sleep 500 &');
    await screen.waitFor(/\[1\] \d+/);
    screen.keys('C-d');
    await screen.waitFor(/There is a job[\s\S]*\[localhost\] ~>/);
    screen.line('exit');
    await screen.waitFor(AT_PROMPT);
  });

  test('ends with the status of exit, the terminal as it was', async () => {
    using screen = await open();
    screen.line('exit 3');
    const text = await screen.waitFor(/ended: 3[\s\S]*iutf8/);
    expect(text).toMatch(/^opost/m);
    expect(text).toMatch(/ icanon/);
    expect(text).toMatch(/ echo /);
  });

  test('a terminated client gives the terminal back and leaves its session to the host', async () => {
    needProgram('vim');
    using screen = await open();
    screen.line(`trap '' HUP; (sleep 300 &) ; echo client $PPID`);
    await screen.waitFor(/^client/m);
    screen.line('vim -u NONE -n');
    await screen.waitFor(/VIM - Vi IMproved|^~$/m);
    const shell = Number(screen.format('#{pane_pid}'));
    const children = readFileSync(join('/proc', String(shell), 'task', String(shell), 'children'), 'utf8').trim();
    const pid = Number(children.split(' ')[0]);
    // No child, and the number 0 would mean this very group of processes.
    expect(pid).toBeGreaterThan(1);
    process.kill(pid, 'SIGTERM');
    const text = await screen.waitFor(/ended: 143[\s\S]*iutf8/);
    expect(text).toMatch(/ icanon/);
    expect(screen.format('#{alternate_on}')).toBe('0');
  });
});
