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

async function complete(line: string): Promise<string[]> {
  const runspace = new Runspace({ remoting: new Remoting({ hosts }), host: new RecordingHost() });
  await runspace.run(
    "$text = 'abc'; $table = @{ Name = 1; Number = 2 }; function Get-Mine { }",
    new AbortController().signal,
  );
  const shell = { complete: () => Promise.resolve(['shell']) };
  return new Completer(runspace, shell).complete(line, Buffer.byteLength(line));
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
