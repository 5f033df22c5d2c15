import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { CommandTable } from '../runtime/command-table.ts';
import { TestClient } from './testing/test-client.ts';

const bin = mkdtempSync(join(tmpdir(), 'holdfast-bin-'));
afterAll(() => rmSync(bin, { recursive: true }));
for (const [name, mode] of [
  ['find-me', 0o755],
  ['no-program', 0o644],
] as const) {
  writeFileSync(join(bin, name), '#!/bin/sh\n');
  chmodSync(join(bin, name), mode);
}
vi.stubEnv('PATH', `${bin}:${process.env['PATH'] ?? ''}`);

const client = new TestClient({});

test.each(new CommandTable().names)('%s -? shows its help', async (name) => {
  const { output, errors } = await client.run(`${name} -?`);
  expect(errors).toEqual([]);
  expect(output.slice(0, 3)).toEqual(['NAME', name, 'SYNOPSIS']);
  expect(await client.run(`Get-Help ${name}`)).toEqual({ output, errors });
});

test.each([
  ['Get-Help New-PSession', /Did you mean New-PSSession\?$/u],
  ['New-PSSession -Computr srv1', /parameter name 'Computr'\. Did you mean -ComputerName\?$/u],
  ['Remove-Job -Confrim', /Did you mean -Confirm\?$/u],
  ['Get-PSSession -Confrim', /parameter name 'Confrim'\.$/u],
  ['Get-Job -Zebra 1', /parameter name 'Zebra'\.$/u],
  ['Get-Job -Statte Running', /Did you mean -State\?$/u],
  ['Get-Help Get-Job -Parameter Stat', /No parameter of Get-Job matches criteria Stat\. Did you mean -State\?$/u],
  ['Get-Command Get-PSession', /Did you mean Get-PSSession\?$/u],
])('%s is told what was meant', async (line, told) => {
  const { errors } = await client.run(line);
  expect(errors).toEqual([expect.stringMatching(told)]);
});

test.each<[string, string[], string[]]>([
  ['Get-Help Get-Job', ['SYNTAX', 'EXAMPLES'], ['PARAMETERS']],
  ['Get-Help Get-Job -Examples', ['EXAMPLES'], ['SYNTAX', 'PARAMETERS']],
  ['Get-Help Get-Job -Detailed', ['SYNTAX', 'PARAMETERS', '-Newest <Int32>'], ['Position: 0']],
  ['Get-Help Get-Job -Full', ['PARAMETERS', 'Position: 0', 'Pipeline: by property name'], []],
  ['Get-Help Get-Job -Parameter State, New*', ['-State <JobState>', '-Newest <Int32>'], ['-Id <Int32[]>', 'SYNTAX']],
  ['Get-Help *-Job', ['Name Category Synopsis'], ['SYNTAX']],
  ['Get-Help history', ['Get-History'], []],
])('%s', async (line, there, absent) => {
  const { output, errors } = await client.run(line);
  expect(errors).toEqual([]);
  for (const one of there) expect(output).toContain(one);
  for (const one of absent) expect(output).not.toContain(one);
});

test('a topic that there is not is answered with where to read', async () => {
  expect((await client.run('Get-Help about_Arrays')).output).toEqual([
    'There is no help topic about_Arrays: docs/language.md describes the command language, docs/cmdlets every cmdlet.',
  ]);
});

test('Get-Command finds functions, programs and aliases', async () => {
  await client.run('function Test-It([string]$Name, [switch]$Quick) { }');
  const shown = async (line: string): Promise<string[]> => (await client.run(line)).output;
  const row = '| ForEach-Object { "$($_.CommandType) $($_.Name) $($_.Source)" }';
  expect(await shown(`Get-Command Test-It, find-me, gsn ${row}`)).toEqual(
    ['Function Test-It ', `Application find-me ${join(bin, 'find-me')}`, 'Alias gsn '].map((line) => line.trim()),
  );
  expect(await shown('(Get-Command find-*).Path')).toEqual(expect.arrayContaining([join(bin, 'find-me')]));
  expect((await client.run('Get-Command no-program')).errors[0]).toMatch(
    /not recognized as the name of a cmdlet, function, or program/u,
  );
  expect(await shown('(Get-Command -Verb Get -Noun *Job).Name')).toEqual(['Get-Job']);
  expect(await shown('(Get-Command -Verb Test).Name')).toEqual(['Test-It']);
  expect(await shown('(Get-Command -CommandType Function).Name')).toEqual(['Test-It']);
  expect(await shown('(Get-Command *job -CommandType Alias, Cmdlet).Count')).toEqual(['5']);
  expect(await shown('Get-Command Test-It -Syntax')).toEqual(['Test-It [[-Name] <string>] [-Quick]']);
  expect(await shown('Get-Help Test-It')).toContain('Test-It [[-Name] <string>] [-Quick]');
  expect(await shown('Get-Command Get-History -Syntax')).toEqual([
    'Get-History [[-Id] <Int32[]>] [[-Count] <Int32>] [<CommonParameters>]',
  ]);
});

test('a screen breaks help and errors at words; what is kept is whole', async () => {
  Object.assign(client.host, { columns: 40, errorColumns: 40 });
  const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));
  await client.runspace.run('Get-Help New-PSSession; Get-Help New-PSSession -Full', AbortSignal.any([]));
  expect(widest(client.host.output.replaceAll(/^ *> .*$|\S{30,}/gmu, ''))).toBeLessThanOrEqual(40);
  expect(client.host.output).toContain('\n    New-PSSession\n        [[-ComputerName] <String[]>]\n');
  client.host.take();
  await client.runspace.run('New-PSSession -Computr x', AbortSignal.any([]));
  expect(client.host.errors).toBe(
    "New-PSSession : A parameter cannot be\nfound that matches parameter name\n'Computr'. Did you mean -ComputerName?\n",
  );
  client.host.take();
  const { output } = await client.run(
    "(Get-Help New-PSSession | grep 'New-PSSession .*ComputerName') -match 'Confirm|Common' | Measure-Object | Select-Object -ExpandProperty Count",
  );
  expect(output).toEqual(['1']);
});

test('a narrow screen shows the names of commands whole', async () => {
  Object.assign(client.host, { columns: 60 });
  const { output } = await client.run('Get-Command Get-PS*, Get-Job');
  expect(output.map((line) => line.split(' ')[1])).toEqual(
    expect.arrayContaining(['Get-PSSessionConfiguration', 'Get-Job']),
  );
});
