import { expect, test } from 'vitest';
import { HostsFile } from '../client/hosts.ts';
import { Remoting } from '../client/remoting.ts';
import { CommandTable } from '../runtime/command-table.ts';
import { Runspace } from '../runtime/runspace.ts';
import { RecordingHost } from '../runtime/testing/recording-host.ts';

/** What acts on this shell alone, and so can be run here with what acts on objects. */
const OF_THE_SHELL = ['Get-Alias', 'Get-Command', 'Get-Help', 'Get-History', 'Get-PSSession', 'New-PSSessionOption'];

const CMDLET = /\b[A-Z]\w+-[A-Z]\w+\b/gu;

const commands = new CommandTable();
const cmdlets = await Promise.all(commands.names.map((name) => commands.load(name)));
const runnable = new Set([...OF_THE_SHELL, ...cmdlets.filter(({ acts }) => acts === 'data').map(({ name }) => name)]);
const examples = cmdlets
  .filter(({ name }) => runnable.has(name) && name !== 'Get-PSSession')
  .flatMap(({ examples: all }) => all.map(({ code }) => code))
  .filter((code) =>
    (code.match(CMDLET) ?? []).every((name) => runnable.has(name) || commands.find(name) === undefined),
  );

/** There are no sessions here to show, and some have no result. */
const SILENT = /^Get-PSSession(?!.*Measure-Object)|^\$\w+ *= |Out-Null$|^Start-Sleep/u;

test.each(examples)('%s runs', async (code) => {
  const host = Object.assign(new RecordingHost(), { history: ['Get-PSSession'] });
  const runspace = new Runspace({ remoting: new Remoting({ hosts: new HostsFile() }), host });
  await runspace.run(code, new AbortController().signal);
  const { output, errors } = host.take();
  expect(errors).toEqual([]);
  expect(output.length === 0).toBe(SILENT.test(code));
});
