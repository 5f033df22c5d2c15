import { expect, test } from 'vitest';
import { HostsFile } from '../client/hosts.ts';
import { Remoting } from '../client/remoting.ts';
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
  ['Get-Help nothing-', ['shell']],
])('completes %j', async (line, candidates) => {
  const found = await complete(line);
  expect(found.toSorted()).toEqual(candidates.toSorted());
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
