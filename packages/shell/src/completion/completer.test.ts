import { expect, test } from 'vitest';
import { HostsFile } from '../client/hosts.ts';
import { Remoting } from '../client/remoting.ts';
import { CommandTable } from '../runtime/command-table.ts';
import { Runspace } from '../runtime/runspace.ts';
import { RecordingHost } from '../runtime/testing/recording-host.ts';
import { Completer } from './completer.ts';

const hosts = new HostsFile([
  { kind: 'agent', computerName: 'srv1', host: '127.0.0.1', port: 1, path: '/' },
  { kind: 'agent', computerName: 'srv2', host: '127.0.0.1', port: 1, path: '/' },
]);

let lastAsked = '';
let replaced: string | undefined;

async function complete(line: string, files = ['shell']): Promise<readonly string[]> {
  const runspace = new Runspace({ remoting: new Remoting({ hosts }), host: new RecordingHost() });
  runspace.remoting.configurations.keep('srv1', ['default', 'small']);
  await runspace.run(
    "$text = 'abc'; $table = @{ Name = 1; Number = 2 }; function Get-Mine { }",
    new AbortController().signal,
  );
  const shell = {
    complete: (asked: string) => {
      lastAsked = asked;
      return Promise.resolve(files);
    },
  };
  const { candidates, from } = await new Completer(runspace, shell).complete(line, Buffer.byteLength(line));
  replaced = from === undefined ? undefined : line.slice(from);
  return candidates;
}

test.each<[string, string[]]>([
  ['Disc', ['Disconnect-PSSession', 'shell']],
  ['Get-Min', ['Get-Mine', 'shell']],
  ['ls ', ['shell']],
  ['ls -l', ['shell']],
  ['New-PSSession -Comp', ['-ComputerName']],
  ['New-PSSession -ComputerName ', ['srv1', 'srv2', 'localhost']],
  ['New-PSSession -ComputerName srv1,s', ['srv1,srv1', 'srv1,srv2']],
  ['Enter-PSSession sr', ['srv1', 'srv2']],
  ['Get-PSSession -State D', ['Disconnected']],
  ['Disconnect-PSSession -OutputBufferingMode ', ['None', 'Drop', 'Block']],
  ['$te', ['$text']],
  ['$text.Tr', ['$text.Trim(', '$text.TrimStart(', '$text.TrimEnd(']],
  ['$table.N', ['$table.Name', '$table.Number']],
  ['1..3 | Sort-', ['Sort-Object', 'shell']],
  ['Get-Help nothing-', []],
  ['ls | Where-Ob', ['Where-Object', 'shell']],
  ['echo a; Disc', ['Disconnect-PSSession', 'shell']],
  ['ls | gre', ['shell']],
  ['$PSSessionO', ['$PSSessionOption']],
  ['echo $table.', ['shell']],
  ['Get-Help New-', ['New-PSSession', 'New-PSSessionOption']],
  ['Get-Help about', ['about_Remote_Troubleshooting']],
  ['Get-Command Get-M', ['Get-Mine']],
  ['Get-Alias wh', ['where']],
  ['Get-History | Where-Object Comm', ['CommandLine']],
  ['$x = (Get-History | Sort-Object Id | Where-Object ', ['Id', 'CommandLine']],
  ['1 | % { Get-Job | Format-Table Na', ['Name']],
  ['$table | Select-Object Nu', ['Number']],
  ['$x = Get-PSSession srv1 | Select-Object -ExpandProperty Av', ['Availability']],
  ['ls | Where-Object Comm', []],
  ['New-PSSession srv1 -ConfigurationName ', ['default', 'small']],
  ['New-PSSession -ConfigurationName ', []],
  ['New-PSSession -ConfigurationName s -ComputerName SRV1 -Port ', []],
  ['New-PSSession -UseSSL sr', ['srv1', 'srv2']],
  ['New-PSSession -Name x sr', ['srv1', 'srv2']],
  ['New-PSSession -UseSSL:', []],
  ['New-PSSession -Xy', []],
  ['Wait-Job -Name ', []],
  ['Remove-Job -Name ', []],
  ['Receive-Job -Id ', []],
  ['Wait-Job Ru', ['Running']],
  ['Get-Job -HasMoreData ', ['$true', '$false']],
  ['Get-Job -ErrorAction Sil', ['SilentlyContinue']],
  ['Get-Job -OutVariable ', []],
  ['Get-PSSession -Id ', []],
])('completes %j', async (line, candidates) => {
  const found = await complete(line);
  expect(found.toSorted()).toEqual(candidates.toSorted());
});

test.each(['$table.', '6; $table.'])('%j offers all members', async (line) => {
  expect(await complete(line)).toEqual(expect.arrayContaining(['$table.Name', '$table.Number', '$table.Add(']));
});

test('jobs are offered where jobs are chosen', async () => {
  const runspace = new Runspace({ remoting: new Remoting({ hosts }), host: new RecordingHost() });
  const task = { computerName: 'srv1', run: () => Promise.resolve('Completed' as const) };
  runspace.jobs.start([task], { name: 'Nightly', command: 'true', limit: 1 });
  const completer = new Completer(runspace, { complete: () => Promise.resolve(['shell']) });
  for (const [line, candidates] of [
    ['Wait-Job -Name ', ['Nightly', 'Job2']],
    ['Remove-Job -Name N', ['Nightly']],
    ['Receive-Job -Id ', ['1', '2']],
    ['Receive-Job 1 -Location ', ['srv1']],
    ['Stop-Job ', ['1', '2']],
  ] as const) {
    expect((await completer.complete(line, line.length)).candidates, line).toEqual(candidates);
  }
});

test('every cmdlet gets values for its parameters, or nothing: files only where a path is wanted', async () => {
  const table = new CommandTable();
  const paths: string[] = [];
  for (const name of table.names) {
    const { parameters } = await table.load(name);
    for (const [parameter, { type, complete: by }] of Object.entries(parameters)) {
      if (by === 'path') paths.push(`${name} ${parameter}`);
      const found = type.isSwitch ? await complete(`${name} -${parameter}:`) : await complete(`${name} -${parameter} `);
      expect(found.includes('shell'), `${name} -${parameter}`).toBe(by === 'path');
      if (type.values.length > 0) expect(found).toEqual(type.values);
    }
  }
  expect(paths.toSorted()).toEqual([
    'Enter-PSSession KeyFilePath',
    'Invoke-Command FilePath',
    'Invoke-Command KeyFilePath',
    'New-PSSession KeyFilePath',
    'Write-Output InputObject',
  ]);
});

const FILES: [line: string, asked: string, shells: string[], ours: string[], replaces: string][] = [
  ['Write-Output b', 'Write-Output  b', ['b\\ c.md'], ["'b c.md'"], 'b'],
  ["Write-Output 'b ", 'Write-Output  b\\ ', ['b\\ c.md', 'b\\ d.md'], ["'b c.md'", "'b d.md'"], "'b "],
  ['Write-Output "b c', 'Write-Output  b\\ c', ['b\\ c.md'], ["'b c.md'"], '"b c'],
  ["Write-Output 'it''", "Write-Output  it\\'", ["it\\'s", 'its'], ["'it''s'", "'its'"], "'it''"],
  ['Write-Output b', 'Write-Output  b', ['b.md', 'b\\ c.md'], ["'b.md'", "'b c.md'"], 'b'],
  ['Write-Output b', 'Write-Output  b', ['b.md', 'bin/'], ['b.md', 'bin/'], 'b'],
  ['Write-Output my', 'Write-Output  my', ['my\\ dir/'], ["'my dir/"], 'my'],
  ["Write-Output 'my dir/", 'Write-Output  my\\ dir/', ['my\\ dir/a'], ["'my dir/a'"], "'my dir/"],
  ['Write-Output ~/my', 'Write-Output  ~/my', ['~/my\\ dir/'], ["~/'my dir/"], '~/my'],
  ["Write-Output ~/'my dir/", 'Write-Output  ~/my\\ dir/', ['~/my\\ dir/a'], ["~/'my dir/a'"], "~/'my dir/"],
  ['Write-Output a,b', 'Write-Output a, b', ['b\\ c'], ["'b c'"], 'b'],
  ["Get-Alias > 'b", 'Get-Alias >  b', ['b\\ c'], ["'b c'"], "'b"],
  ["$x = 'b", '$x =  b', ['b\\ c'], ["'b c'"], "'b"],
  ['Get-Alias | grep b', 'Get-Alias | grep  b', ["$'b\\tc\\303\\251'"], ["'b\tc\u00e9'"], 'b'],
  ['Get-Alias | cat my\\ d', 'Get-Alias | cat  my\\ d', ['my\\ dir/'], ["'my dir/"], 'my\\ d'],
  ['1 | % { cat b', '1 | % { cat  b', ['b\\ c'], ["'b c'"], 'b'],
];

test.each(FILES)('in a line of ours the files of %j are ours to quote', async (...[line, asked, shells, ...rest]) => {
  const [ours, replaces] = rest;
  expect(await complete(line, shells)).toEqual(ours);
  expect([lastAsked, replaced]).toEqual([asked, replaces]);
});

test.each(['Invoke-Command srv1 { cat b', 'Write-Output $te/b', 'cat b'])(
  'files of %j are quoted as the shell has them',
  async (line) => {
    expect(await complete(line, ['b\\ c'])).toEqual(['b\\ c']);
    expect([lastAsked, replaced]).toEqual([line, undefined]);
  },
);
