import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { SshPeer } from '../../bench/support/ssh-peer.ts';
import { HOLDFAST } from '../support/machine.ts';
import { needProgram } from '../support/need-program.ts';
import { startRemote } from '../support/remote.ts';
import { Tmux } from '../support/tmux.ts';

/** The prompt that Holdfast shows, made by bash, so that the screens can be compared cell by cell. */
const BASHRC = `PS1='\\[\\e[36m\\][srv1] \\w> \\[\\e[39m\\]'\n`;

test('the same work through holdfast and through ssh -t leaves the same cells on the screen', async () => {
  for (const program of ['tmux', 'ssh', '/usr/sbin/sshd', 'vim', 'less']) needProgram(program);
  await using remote = await startRemote({ bashrc: BASHRC });
  const peer = await SshPeer.start(remote.client);
  const { home } = remote.host;
  execFileSync('sh', ['-c', `seq 1 100 | sed 's/$/ wide 漢字 and é/' > ${home}/lines.txt`]);
  using ours = new Tmux([HOLDFAST, 'enter', 'srv1'], { env: remote.client.env });
  using theirs = new Tmux(['ssh', '-tt', ...peer.client, `cd ${home}; HOME=${home} LANG=C.UTF-8 exec bash -i`], {
    env: remote.client.env,
  });
  const screens = [ours, theirs];

  /** Does the same on both, waits until both show `expected`, and compares every cell with its colours. */
  async function both(act: (screen: Tmux) => void, expected: RegExp): Promise<void> {
    for (const screen of screens) act(screen);
    for (const screen of screens) await screen.waitFor(expected);
    await expect.poll(() => ours.cells()).toBe(theirs.cells());
    expect(ours.format('#{cursor_x},#{cursor_y},#{alternate_on}')).toBe(
      theirs.format('#{cursor_x},#{cursor_y},#{alternate_on}'),
    );
  }

  for (const screen of screens) await screen.waitFor(/\[srv1\] ~>\s*$/);
  await both((screen) => screen.line('clear; cd /etc; pwd'), /^\/etc\n\[srv1\] \/etc>\s*$/);
  await both(
    (screen) => screen.line(`clear; vim -n -u NONE -N -c 'syntax on' -c 'set nu' ${home}/lines.txt`),
    /1 1 wide/,
  );
  await both((screen) => screen.type('G'), /100 wide/);
  await both((screen) => screen.type('i typed 漢 '), /INSERT/);
  for (const screen of screens) screen.keys('Escape');
  await both((screen) => screen.line(':q!'), /\[srv1\] \/etc>\s*$/);
  await both((screen) => screen.line(`clear; less ${home}/lines.txt`), /lines\.txt/);
  await both((screen) => screen.type(' '), /40 wide/);
  await both((screen) => screen.type('q'), /\[srv1\] \/etc>\s*$/);
  await both(
    (screen) => screen.line(`clear; printf '\\033[31mred \\033[1;44mbold\\033[0m\\n'; ls --color=always -d /etc /bin`),
    /\/bin/,
  );
  await both((screen) => screen.line("clear; printf 'no newline'"), /no newline/).catch(
    () => 'bash goes on in the line; we begin a new one',
  );
  await peer.stop();
});
