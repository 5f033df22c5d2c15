import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectFrom } from '../support/client.ts';
import { HOLDFAST } from '../support/machine.ts';
import { needProgram } from '../support/need-program.ts';
import { startRelayed } from '../support/relayed.ts';
import { Tmux } from '../support/tmux.ts';

const FULL = 'the disk is full (make room there)';

test('an agent whose disk is full: old sessions go on and say so once, new ones are refused, its gateway comes up again', async () => {
  needProgram('tmux');
  await using remote = await startRelayed({
    env: { HOLDFAST_HOST_SETTINGS: '{"outputMemoryBytes":65536,"diskRetryMs":50,"graceMs":20000}' },
    disk: 4 * 1024 * 1024,
  });
  const { agent, client, disk } = remote;
  if (disk === undefined) throw new Error('There is no disk');
  using screen = new Tmux([HOLDFAST], { env: client.env, cwd: client.home, columns: 150, rows: 40 });
  await screen.waitFor('local session ready');
  for (const name of ['one', 'two']) {
    screen.line(`New-PSSession -ComputerName srv1 -Name ${name}`);
    await screen.waitFor(new RegExp(`${name} +srv1 +Opened`));
  }
  screen.line('Enter-PSSession -Name one');
  await screen.waitFor(/\[srv1\] ~>\s*$/);
  disk.fill();
  // More than the memory's 64 KiB, and nothing of it is missing.
  screen.line('head -c 200000 /dev/zero | tr "\\0" Z; echo; echo all of it');
  await screen.waitFor(/^all of it$/m);
  const history = screen.history();
  expect(history.split(`Output of this session is kept in the memory of srv1 only: ${FULL}`)).toHaveLength(2);
  // One more stands in the command.
  expect(history.split('Z')).toHaveLength(200_000 + 2);
  screen.line('New-PSSession -ComputerName srv1 -Name three');
  await screen.waitFor(`No session can be opened`);
  await screen.waitFor(FULL);

  await agent.kill();
  await agent.restart();
  screen.line('echo $((6*7))');
  await screen.waitFor(/^42$/m);
  await using other = await connectFrom(client, 'srv1');
  expect((await other.listSessions()).map(({ name }) => name).toSorted()).toEqual(['one', 'two']);
  await expect(other.openSession({ columns: 80, rows: 24 })).rejects.toMatchObject({
    id: 'OutOfResources',
    message: expect.stringContaining(FULL),
  });
  screen.line(`rm ${join(disk.folder, 'filling')}; echo made room`);
  await screen.waitFor(/^made room$/m);
  screen.line('New-PSSession -ComputerName srv1 -Name three');
  await screen.waitFor(/three +srv1 +Opened/);
});
