import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HOLDFAST, Machine } from '../support/machine.ts';
import { answerAt } from '../support/prompt.ts';
import { Tmux } from '../support/tmux.ts';

const RC = "alias greet='echo hello from'; export FROM_RC=rc; twice() { echo \"$1$1\"; }; alias up='cd ..'\n";
/** Asks on the terminal, whatever its streams are, as sudo does. */
const ASK =
  '#!/bin/bash\nread -rsp "[ask] password: " word </dev/tty 2>/dev/tty; echo >/dev/tty; echo "got $word"; echo more\n';

function start(machine: Machine): Tmux {
  writeFileSync(join(machine.home, '.bashrc'), RC);
  return new Tmux([HOLDFAST], { env: machine.env, cwd: machine.home, columns: 100, rows: 24 });
}

async function answer(screen: Tmux, line: string): Promise<string> {
  return (await answerAt(screen, '~>', line)).join('\n').trim();
}

describe('native commands in lines of ours run in the local session', () => {
  test('with its variables, aliases, functions and folder, and what they change stays', async () => {
    using machine = new Machine();
    using screen = start(machine);
    await screen.waitFor('local session ready');
    expect(await answer(screen, '$env:FROM_RC')).toBe('rc');
    expect(await answer(screen, 'greet bash | ForEach-Object { "<$_>" }')).toBe('<hello from bash>');
    expect(await answer(screen, '1..2 | ForEach-Object { twice $_ }')).toBe('11\n22');
    expect(await answer(screen, 'export SET_HERE="a  b"')).toBe('');
    expect(await answer(screen, '$env:SET_HERE; sh -c \'echo "$SET_HERE"\' | Write-Output')).toBe('a  b\na  b');
    expect(await answer(screen, "$env:SET_HERE = 'it''s'; $env:SET_HERE")).toBe("it's");
    expect(await answer(screen, 'echo "$SET_HERE"')).toBe("it's");
    expect(await answer(screen, '$env:SET_HERE = $null; $null -eq $env:SET_HERE')).toBe('True');
    expect(await answer(screen, 'echo "${SET_HERE-unset}"')).toBe('unset');
    expect(await answer(screen, 'if (1) { mkdir deep; cd deep; up; export SET_IN=block }; $env:SET_IN')).toBe('block');
    expect(await answer(screen, 'cd /etc | Write-Output')).toContain('cd would change nothing here');
    screen.line('if (1) { cd deep }');
    await screen.waitFor(/^~\/deep>\s*$/m);
    expect(await answerAt(screen, '~/deep>', '$PWD')).toContain(join(machine.home, 'deep'));
  });

  test('several at once, and one that is wanted no more ends', async () => {
    using machine = new Machine();
    using screen = start(machine);
    await screen.waitFor('local session ready');
    expect(await answer(screen, 'seq 3 | ForEach-Object { greet $_ } | tac')).toBe(
      'hello from 3\nhello from 2\nhello from 1',
    );
    expect(await answer(screen, 'yes | Select-Object -First 2')).toBe('y\ny');
    const follow = '1..3 | ForEach-Object { tail -f .bashrc | Select-Object -First 1 } | Measure-Object | % Count';
    expect(await answer(screen, follow)).toBe('3');
    expect(await answer(screen, 'pgrep -f "tail -f .bashrc"')).toBe('');
    expect(await answer(screen, 'seq 100000 | Where-Object { $_ -eq 99999 } | cat')).toBe('99999');
    expect(await answer(screen, 'ls /nowhere | Write-Output; $LASTEXITCODE')).toContain('\n2');
  });

  test('with the terminal where their output would go there', async () => {
    using machine = new Machine();
    using screen = start(machine);
    await screen.waitFor('local session ready');
    screen.line('Get-Alias | less');
    await screen.waitFor(/^:\s*$/m);
    screen.keys('q');
    expect(await answer(screen, '6; stty size; 7')).toBe('6\n24 100\n7');
    screen.line('if (1) { vim -u NONE note.txt }; "behind vim"');
    await screen.waitFor('note.txt');
    for (const keys of ['iwritten', 'Escape', ':wq', 'Enter']) screen.keys(keys);
    await screen.waitFor(/^behind vim$/m);
    expect(readFileSync(join(machine.home, 'note.txt'), 'utf8')).toBe('written\n');
    screen.line('foreach ($turn in 1, 2) { sh -c "echo turn $turn; exec sleep 1000" }; "not shown"');
    await screen.waitFor(/^turn 1$/m);
    screen.keys('C-c');
    await screen.waitFor(/\^C\n~>\s*$/m);
    expect(screen.screen()).not.toMatch(/^not shown|^turn 2/m);
  });

  test('with the terminal when they ask there', async () => {
    using machine = new Machine();
    using screen = start(machine);
    writeFileSync(join(machine.home, 'ask'), ASK);
    chmodSync(join(machine.home, 'ask'), 0o700);
    await screen.waitFor('local session ready');
    screen.line('./ask | ForEach-Object { "[$_]" }; "done"');
    await screen.waitFor('[ask] password:');
    screen.line('secret');
    await screen.waitFor(/^\[got secret\]\n\[more\]\ndone$/m);
    expect(screen.screen()).not.toContain('password: secret');
  });

  test('whatever state the shell is in', async () => {
    using machine = new Machine();
    using screen = start(machine);
    await screen.waitFor('local session ready');
    // A NUL would end one request and begin another.
    expect(await answer(screen, "printf 'a\\0touch pwned #\\n' | ForEach-Object { echo $_ }")).toContain(
      'NUL character',
    );
    expect(await answer(screen, 'ls pwned')).toContain('No such file');
    expect(await answer(screen, 'seq 2 | ForEach-Object { $env:SET = "v$_"; sh -c \'echo "<$SET>"\' }; $env:SET')).toBe(
      '<v1>\n<v2>\nv2',
    );
    expect(await answer(screen, 'echo "[$SET]"')).toBe('[v2]');
    expect(await answer(screen, 'set -ae; alias eval=false')).toBe('');
    expect(await answer(screen, 'seq 2 | ForEach-Object { sh -c "exit 3"; $LASTEXITCODE }; $LASTEXITCODE')).toBe(
      '3\n3\n0',
    );
    expect(await answer(screen, '1..2 | ForEach-Object { env | grep -c __hf | cat }')).toBe('0\n0');
    expect(await answer(screen, 'set +ae; enable -n printf; echo ok')).toBe('ok');
    expect(await answer(screen, 'seq 2 | ForEach-Object { sh -c "echo n" }')).toBe('n\nn');
    // What it leaves keeps its pipe, and the line waits for that.
    screen.line("$x = bash -c 'sleep 1000 & echo $! >left; echo hi'; 'not shown'");
    await expect.poll(() => existsSync(join(machine.home, 'left'))).toBe(true);
    screen.keys('C-c');
    await screen.waitFor(/^~>\s*$/m);
    expect(await answer(screen, 'kill $(cat left); echo gone')).toBe('gone');
  });
});
