import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HOLDFAST, Machine } from '../../../../test/support/machine.ts';
import { Tmux } from '../../../../test/support/tmux.ts';

describe('a paste of several lines', () => {
  let machine: Machine;
  let screen: Tmux;

  beforeEach(async () => {
    machine = new Machine({ key: false });
    screen = new Tmux([HOLDFAST], { env: machine.env, cwd: machine.home, rows: 40 });
    await screen.waitFor(/~> ?\n*$/);
  });

  afterEach(() => {
    screen[Symbol.dispose]();
    machine[Symbol.dispose]();
  });

  /** Pastes a text, waits until it stands at the prompt, and enters it. */
  async function paste(text: string): Promise<void> {
    screen.type(`\x1b[200~${text}\x1b[201~`);
    const last = text.split('\n').at(-1) ?? '';
    await screen.waitFor({ test: (shown) => shown.trimEnd().endsWith(last), toString: () => `${last} at the end` });
    screen.keys('Enter');
  }

  test('runs statement by statement, each in the language whose it is', async () => {
    await paste(
      "mkdir -p d; cd d\n$x = 'ours'\nfor i in 1 2; do\n  echo bash$i\ndone\n$x + 1\nfalse\ncat <<EOF\n6 * 7\nEOF\n6 * 7",
    );
    await screen.waitFor(/^42\n~\/d> ?\n*$/m);
    expect(screen.screen().trim().split('\n')).toEqual([
      expect.stringContaining('Holdfast'),
      '~> mkdir -p d; cd d',
      "~/d> $x = 'ours'",
      '~/d> for i in 1 2; do',
      '>   echo bash$i',
      '> done',
      'bash1',
      'bash2',
      '~/d> $x + 1',
      'ours1',
      '~/d> false',
      '~/d> cat <<EOF',
      '> 6 * 7',
      '> EOF',
      '6 * 7',
      '~/d> 6 * 7',
      '42',
      '~/d>',
    ]);
    screen.keys('C-l', 'Up');
    await screen.waitFor(/^~\/d> mkdir -p d; cd d\n> \$x = 'ours'\n[\s\S]*> EOF\n> 6 \* 7\n*$/);
  });

  test('goes on behind what fails, and asks for the rest of what is open', async () => {
    await paste("nosuchcommand\n1 / 0\n$y ==\nfunction Get-Own {\n  'own'\n}\nGet-Own\nwhile false; do");
    await screen.waitFor(/> while false; do\n> ?\n*$/);
    screen.line('echo; done; echo end');
    const shown = await screen.waitFor(/^end\n~> ?\n*$/m);
    expect(shown).toMatch(
      /nosuchcommand: command not found[\s\S]*divide by zero[\s\S]*==[\s\S]*~> Get-Own\nown\n~> while/,
    );
  });

  test('what Ctrl-C stops takes the rest along, of either language', async () => {
    await paste('echo before; echo wait; read line\necho never1\n\n$z = 1');
    await screen.waitFor(/^wait$/m);
    screen.keys('C-c');
    await screen.waitFor(/\^C\n2 more lines were not run\n~> ?\n*$/);
    await paste("'begun'; Start-Sleep 100\necho never2");
    await screen.waitFor(/^begun$/m);
    screen.keys('C-c');
    await screen.waitFor(/1 more line was not run\n~> ?\n*$/);
    screen.line('"z=$z"');
    expect(await screen.waitFor(/^z=\n/m)).not.toMatch(/^never/m);
  });

  test('goes with the prompt that it enters and leaves', async () => {
    await paste('Enter-PSSession -ComputerName localhost\nV=there\necho $V $((6 * 7))\nexit\n$PWD');
    const shown = await screen.waitFor(/~> \$PWD\n\S+\n~> ?\n*$/);
    expect(shown).toMatch(/\[localhost\] ~> echo \$V \$\(\(6 \* 7\)\)\nthere 42\n\[localhost\] ~> exit\n~> \$PWD\n/);
  });

  test('does not run here what was meant for a prompt that did not come', async () => {
    await paste('Enter-PSSession -Name nobody\ntouch made\nexit');
    await screen.waitFor(/2 more lines were not run\n~> ?\n*$/);
    screen.line('ls');
    await screen.waitFor(/~> ls\n~> ?\n*$/);
    await paste('echo one\nexit 3\necho two');
    await screen.waitFor(/1 more line was not run/);
    await expect.poll(() => screen.alive).toBe(false);
  });
});
