import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { LocalMachine } from '../cli/testing/local-machine.ts';
import { TestClient } from './testing/test-client.ts';

const machine = new LocalMachine();
const config = join(machine.home, '.config', 'holdfast');
mkdirSync(config, { recursive: true });
writeFileSync(
  join(config, 'agent.toml'),
  '[configurations.plain]\nprogram = "/bin/cat"\n[configurations."Microsoft.PowerShell"]\nprogram = "/bin/bash"\nidleTimeoutMs = 7200000\n[configurations.ITTasks]\nmaxShells = 40\nmaxShellsPerUser = 2\n',
);
const client = new TestClient(machine.environment);
const run = (line: string): ReturnType<TestClient['run']> => client.run(line);

afterAll(async () => {
  await client.remoting.goodbyeAll();
  await machine[Symbol.asyncDispose]();
});

test('the configurations of a host, by name and pattern', async () => {
  expect((await run('Get-PSSessionConfiguration')).output).toEqual([
    'Name Filename IdleTimeoutms MaxIdleTimeoutms OutputBufferingMode Enabled',
    '---- -------- ------------- ---------------- ------------------- -------',
    'default 43200000 43200000 Block true',
    'plain /bin/cat 43200000 43200000 Block true',
    'Microsoft.PowerShell /bin/bash 7200000 43200000 Block true',
    'ITTasks 43200000 43200000 Block true',
  ]);
  expect((await run('(Get-PSSessionConfiguration -Name microsoft*).Name')).output).toEqual(['Microsoft.PowerShell']);
  expect(await run('Get-PSSessionConfiguration nosuch; Get-PSSessionConfiguration nosuch*')).toEqual({
    output: [],
    errors: ['Get-PSSessionConfiguration : No session configuration matches criteria "nosuch".'],
  });
});

const NAMES =
  'Architecture Filename ResourceUri MaxConcurrentCommandsPerShell UseSharedProcess ProcessIdleTimeoutSec xmlns MaxConcurrentUsers lang SupportsOptions ExactMatch RunAsUser IdleTimeoutms PSVersion OutputBufferingMode AutoRestart SecurityDescriptorSddl MaxMemoryPerShellMB MaxIdleTimeoutms Uri SDKVersion Name XmlRenderingType Capability RunAsPassword MaxProcessesPerShell ParentResourceUri Enabled MaxShells MaxShellsPerUser Permission'.split(
    ' ',
  );

test('all properties have the names and the order of the seed', async () => {
  const { output } = await run('Get-PSSessionConfiguration Microsoft.PowerShell | Format-List -Property *');
  expect(output.map((line) => line.split(' ')[0])).toEqual(NAMES);
  expect(output).toContain('IdleTimeoutms : 7200000');
  const remote = await run('Get-PSSessionConfiguration default -ComputerName localhost | Format-List -Property *');
  expect(remote.output.map((line) => line.split(' ')[0])).toEqual([
    ...NAMES,
    'PSComputerName',
    'RunspaceId',
    'PSShowComputerName',
  ]);
});

test('the limits are those that the host keeps to', async () => {
  const limits =
    'MaxConcurrentCommandsPerShell, MaxConcurrentUsers, MaxMemoryPerShellMB, MaxProcessesPerShell, MaxShells, MaxShellsPerUser';
  const shown = (name: string): Promise<{ output: string[] }> =>
    run(`Get-PSSessionConfiguration ${name} | Format-List -Property ${limits}`);
  expect((await shown('ITTasks')).output.map((line) => line.split(' : ')[1])).toEqual([
    '1',
    '2147483647',
    '0',
    '2147483647',
    '40',
    '2',
  ]);
  expect((await shown('default')).output.at(-1)).toBe('MaxShellsPerUser : 2147483647');
  const refusal =
    '[localhost] Connecting to remote server localhost failed with the following error message : The WS-Management service cannot process the request. This user is allowed a maximum number of 2 concurrent shells, which has been exceeded. Close existing shells or raise the quota for this user. For more information, see the about_Remote_Troubleshooting Help topic.';
  await run('$a, $b = New-PSSession localhost, localhost -ConfigurationName ITTasks');
  expect((await run('New-PSSession -ConfigurationName ITTasks')).errors).toEqual([refusal]);
  const oneShot = 'Invoke-Command -ComputerName localhost -ConfigurationName ITTasks { echo here }';
  expect(await run(oneShot)).toEqual({ output: [], errors: [refusal] });
  expect((await run('(New-PSSession).State')).output).toEqual(['Opened']);
  await run('Remove-PSSession $a');
  expect((await run(oneShot)).output).toEqual(['here']);
});

test('a program that is no shell takes no blocks', async () => {
  const refusal = 'The session odd runs /bin/cat as a plain terminal, which takes no commands: enter it';
  await run('$s = New-PSSession -ConfigurationName plain -Name odd');
  expect((await run('Invoke-Command $s { echo x }')).errors).toEqual([`[localhost] ${refusal}`]);
  await run('Remove-PSSession $s');
});
