import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LinkProxy } from '../support/link-proxy.ts';
import { HOLDFAST, processesWith } from '../support/machine.ts';
import { startRemote } from '../support/remote.ts';
import { Tmux } from '../support/tmux.ts';

/** Asks everything each time that it is told to, and notes what is typed. Old output makes noise: it must not come again. */
const ASKER = `
const { appendFileSync } = require('node:fs');
process.stdin.setRawMode(true);
process.stdin.on('data', (bytes) => appendFileSync('answers', bytes));
let asked = 0;
process.on('SIGUSR2', () => {
  asked += 1;
  process.stdout.write('\\x1b[c\\x1b[5n\\x1b[6n\\x1b[>q' + 'question ' + asked + '\\r\\n');
});
process.stdout.write('begun\\r\\n');
`;

/** Without their ESC. */
const KINDS: Record<string, RegExp> = {
  DA: /\[\?[\d;]*c/g,
  DSR: /\[0n/g,
  CPR: /\[\d+;\d+R/g,
  XTVERSION: /P>\|\w+/g,
};

test('each question is answered once: attached, left, disconnected, attached again, cut off, taken', async () => {
  await using remote = await startRemote();
  await using proxy = await LinkProxy.start(() => remote.agent.port);
  const { home } = remote.host;
  writeFileSync(join(home, 'asker.cjs'), ASKER);
  remote.client.knows({
    srv1: { port: proxy.port, hostKey: remote.agent.hostKey },
    direct: { port: remote.agent.port, hostKey: remote.agent.hostKey },
  });
  const answers = (): string =>
    existsSync(join(home, 'answers')) ? readFileSync(join(home, 'answers'), 'latin1') : '';
  const asker = (): number => {
    const isAsker = (pid: number): boolean =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith('node\0asker.cjs');
    return processesWith(`HOME=${home}`).find(isAsker) ?? 0;
  };
  let asked = 0;
  const ask = (): void => {
    process.kill(asker(), 'SIGUSR2');
    asked += 1;
  };
  const counts = (): Record<string, number> =>
    Object.fromEntries(Object.entries(KINDS).map(([kind, pattern]) => [kind, answers().match(pattern)?.length ?? 0]));
  const answeredOnce = (): Promise<void> =>
    expect.poll(counts, { timeout: 20_000 }).toEqual({ DA: asked, DSR: asked, CPR: asked, XTVERSION: asked });
  const lastVersion = (): string =>
    answers()
      .match(KINDS['XTVERSION'] ?? /x/)
      ?.at(-1) ?? '';

  using screen = new Tmux([HOLDFAST], { env: remote.client.env, cwd: remote.client.home });
  await screen.waitFor('local session ready');
  screen.line('New-PSSession -ComputerName srv1 -Name work | Enter-PSSession');
  await screen.waitFor(/\[srv1\] ~>\s*$/);
  screen.line('node asker.cjs');
  await screen.waitFor(/^begun$/m);
  ask();
  await answeredOnce();
  expect(lastVersion()).toContain('tmux');

  // Left running: the host answers, and what is shown again asks nothing.
  for (let round = 0; round < 3; round += 1) {
    screen.keys('C-]');
    screen.type('l');
    await screen.waitFor(/goes on[^]*~>\s*$/);
    ask();
    await answeredOnce();
    expect(lastVersion()).toContain('Holdfast');
    screen.line('clear');
    screen.line('Enter-PSSession -Name work');
    await screen.waitFor(`question ${asked}`);
    ask();
    await answeredOnce();
    expect(lastVersion()).toContain('tmux');
  }

  // Cut off: the terminal answers when the link is back.
  proxy.refusing = true;
  proxy.cut();
  await screen.waitFor(/srv1[^]*(?:link|reconnect|lost)/i);
  ask();
  proxy.refusing = false;
  await answeredOnce();
  expect(lastVersion()).toContain('tmux');

  // Taken, with a question on its way.
  ask();
  using taker = new Tmux([HOLDFAST, 'enter', 'direct', '--name=work', '--take'], { env: remote.client.env });
  await taker.waitFor(`question ${asked}`);
  await answeredOnce();
  ask();
  await answeredOnce();
  taker.keys('C-]');
  taker.type('d');
  await expect.poll(() => taker.alive).toBe(false);
  ask();
  await answeredOnce();
  // Whatever came twice would have come before this.
  using last = new Tmux([HOLDFAST, 'enter', 'direct', '--name=work'], { env: remote.client.env });
  await last.waitFor(`question ${asked}`);
  ask();
  await answeredOnce();
  // And nothing of it was typed at a prompt of ours.
  expect(screen.screen()).not.toMatch(/\[\?|;\d+R|Holdfast\\/);
});
