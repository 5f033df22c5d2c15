import { afterEach, beforeEach, describe, test } from 'vitest';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOLDFAST, Machine } from '../../../../test/support/machine.ts';
import { Tmux } from '../../../../test/support/tmux.ts';

const AT_PROMPT = /~> ?\n*$/;

describe("the local shell's own short names", () => {
  let machine: Machine;

  beforeEach(() => {
    machine = new Machine({ key: false });
  });

  afterEach(() => machine[Symbol.dispose]());

  async function open(): Promise<Tmux> {
    const screen = new Tmux([HOLDFAST], { env: machine.env, cwd: machine.home, rows: 40 });
    await screen.waitFor(AT_PROMPT);
    return screen;
  }

  test('of .bashrc win from the first line on', async () => {
    writeFileSync(join(machine.home, '.bashrc'), 'alias gcm=\'echo committed\'\nwhere() { echo "there $*"; }\n');
    using screen = await open();
    screen.line('gcm now');
    await screen.waitFor(/^committed now\n~>/m);
    screen.line('ls | where x; echo "$?"');
    await screen.waitFor(/^there x\n0\n~>/m);
    screen.line("'a', 'b' | where y | Select-Object -First 1");
    await screen.waitFor(/^there y\n~>/m);
    screen.line('unset -f where');
    screen.line("'a', 'bc' | where Length -eq 2");
    await screen.waitFor(/^bc\n~>/m);
  });

  test('count as soon as they are defined, in a paste too, and $? stays', async () => {
    using screen = await open();
    screen.line('where() { echo defined; false; }');
    screen.line('where');
    await screen.waitFor(/^defined\n~>/m);
    screen.type('\x1b[200~unset -f where; alias gcm="echo aliased"; (exit 7)\ngcm "$?"\x1b[201~');
    await screen.waitFor(/> gcm "\$\?"$/m);
    screen.keys('Enter');
    await screen.waitFor(/^aliased 7\n~>/m);
  });
});
