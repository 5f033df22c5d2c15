import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HOLDFAST } from '../support/machine.ts';
import { startRelayed, type Relayed } from '../support/relayed.ts';
import { Tmux } from '../support/tmux.ts';

/** Enters srv1, runs a script there, and kills the gateway while it prints; it is back when this resolves. */
async function loseLink(remote: Relayed, screen: Tmux, script: string, running: RegExp): Promise<void> {
  writeFileSync(join(remote.host.home, 'program'), script);
  await screen.waitFor(/\[srv1\] ~>\s*$/);
  screen.line('bash program');
  await screen.waitFor(running);
  await remote.agent.kill('SIGKILL');
  await screen.waitFor(/link lost, reconnecting/);
  await remote.agent.restart();
}

test('a program that prints all the while has no line of the notice among its own', async () => {
  await using remote = await startRelayed();
  using screen = new Tmux([HOLDFAST, 'enter', 'srv1'], { env: remote.client.env });
  await loseLink(remote, screen, 'for i in $(seq 1 100); do echo line-$i; sleep 0.1; done; echo over', /^line-30$/m);
  await screen.waitFor(/^over$[\s\S]*\[srv1\] ~>\s*$/m);
  const shown = screen.history();
  expect(shown.match(/^line-\d+$/gm)).toEqual(Array.from({ length: 100 }, (_, at) => `line-${at + 1}`));
  expect(shown).not.toMatch(/link|reconnecting/);
  expect(shown).toMatch(/line-1\n(line-\d+\n)+over\n/);
});

test('text without a newline is there when the notice has gone', async () => {
  await using remote = await startRelayed();
  using screen = new Tmux([HOLDFAST, 'enter', 'srv1'], { env: remote.client.env, rows: 5 });
  const script = 'for i in $(seq 1 12); do printf "\\nrow $i: "; sleep 1; done; read -rp "Password: "; echo over';
  await loseLink(remote, screen, script, /^row 3:/m);
  await screen.waitFor(/link is back/);
  await screen.waitFor(/^row 12: Password:$/m);
  screen.line('');
  await screen.waitFor(/^over$[\s\S]*\[srv1\] ~>\s*$/m);
  const shown = screen.history();
  expect(shown.match(/^row \d+:/gm)).toEqual(Array.from({ length: 12 }, (_, at) => `row ${at + 1}:`));
  expect(shown).not.toMatch(/link|reconnecting/);
});

test('a question in the top row stays there', async () => {
  await using remote = await startRelayed();
  using screen = new Tmux([HOLDFAST, 'enter', 'srv1'], { env: remote.client.env, rows: 10 });
  await loseLink(remote, screen, 'clear; read -rp "Password: "; echo "it was $REPLY"', /^Password:/);
  await screen.waitFor(/link is back/);
  await screen.waitFor(/^Password:\s*$/);
  screen.line('open');
  await screen.waitFor(/^Password: open\nit was open\n/);
});
