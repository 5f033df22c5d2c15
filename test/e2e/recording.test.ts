import { expect, test } from 'vitest';
import { HOLDFAST } from '../support/machine.ts';
import { needProgram } from '../support/need-program.ts';
import { startRemote } from '../support/remote.ts';
import { Tmux } from '../support/tmux.ts';

const CONFIG = `
[configurations.default.recording]
onFullDisk = "stopSession"
[configurations.lenient.recording]
`;

test('who enters a recorded session is told, and why it ends, or goes on without, when its recording cannot', async () => {
  needProgram('tmux');
  await using remote = await startRemote({ config: CONFIG, disk: 4 * 1024 * 1024 });
  const { client, disk } = remote;
  using screen = new Tmux([HOLDFAST], { env: client.env, cwd: client.home, columns: 150, rows: 40 });
  await screen.waitFor('local session ready');
  screen.line('New-PSSession -ComputerName srv1 -Name lenient -ConfigurationName lenient');
  await screen.waitFor(/lenient +srv1 +Opened/);
  screen.line('Enter-PSSession -Name lenient');
  await screen.waitFor('· This session is recorded on srv1');
  await screen.waitFor(/\[srv1\] ~>\s*$/);
  screen.line('Get-PSSession -Name lenient | Format-List Recording');
  await screen.waitFor(/^Recording : .*file=.*\/recordings\/\d+T\d+Z-\d+-lenient-[0-9a-f]{8}\.cast/m);
  disk?.fill();
  screen.line('seq 1000; echo shown all the same');
  await screen.waitFor(/^· This session is not recorded on srv1 any more: the disk is full \(make room there\)$/m);
  await screen.waitFor(/^shown all the same$/m);
  disk?.empty();

  screen.line('exit');
  await screen.waitFor(/\n~>\s*$/);
  screen.line('Enter-PSSession -ComputerName srv1');
  await screen.waitFor(/\[srv1\] ~>\s*$/);
  disk?.fill();
  screen.line('seq 1000; echo never shown');
  await screen.waitFor('was stopped: it cannot be recorded further: the disk is full (make room there)');
  expect(screen.history()).not.toMatch(/^never shown$/m);
});
