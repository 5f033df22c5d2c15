import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { HOLDFAST, processesWith, type Machine } from '../support/machine.ts';
import { startRemote } from '../support/remote.ts';
import { Tmux } from '../support/tmux.ts';

/** Pids of the prompts that run on a machine. */
function prompts(machine: Machine): number[] {
  return processesWith(`HOME=${machine.home}`).filter((pid) => {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
    return words.some((word) => word.endsWith('shell/dist/main.js'));
  });
}

describe('a prompt whose terminal goes away', () => {
  test.each([
    ['at the local prompt', undefined],
    ['at an entered prompt', 'true'],
    ['under a program', 'sleep 1000'],
  ])('%s ends, and leaves what was entered running', async (_where, command) => {
    await using remote = await startRemote();
    const screen = new Tmux([HOLDFAST], { env: remote.client.env, cwd: remote.client.home });
    try {
      await screen.waitFor('local session ready');
      screen.line('New-PSSession -ComputerName srv1 -Name stays');
      await screen.waitFor(/stays +srv1 +Opened/);
      if (command !== undefined) {
        screen.line('Enter-PSSession -Name stays');
        await screen.waitFor(/\[srv1\] ~>\s*$/);
        screen.line(`echo begun; ${command}`);
        await screen.waitFor(/^begun$/m);
      }
      expect(prompts(remote.client)).toHaveLength(1);
    } finally {
      screen[Symbol.dispose]();
    }
    await expect.poll(() => prompts(remote.client), { timeout: 20_000 }).toEqual([]);
    const listed = execFileSync(HOLDFAST, ['sessions', 'srv1', '--json'], { env: remote.client.env, encoding: 'utf8' });
    expect(listed).toContain('stays');
  });
});
