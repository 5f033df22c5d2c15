import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HostsFile } from '../../packages/shell/src/client/hosts.ts';
import { Remoting } from '../../packages/shell/src/client/remoting.ts';
import { CommandTable } from '../../packages/shell/src/runtime/command-table.ts';
import { Runspace } from '../../packages/shell/src/runtime/runspace.ts';
import { SpawnedShell } from '../../packages/shell/src/runtime/spawned-shell.ts';
import { RecordingHost } from '../../packages/shell/src/runtime/testing/recording-host.ts';
import { Machine } from '../support/machine.ts';
import { TestAgent } from '../support/test-agent.ts';

const commands = new CommandTable();
const cmdlets = await Promise.all(commands.names.map((name) => commands.load(name)));
const examples = cmdlets
  .filter(({ acts }) => acts === 'agent')
  .flatMap(({ name, examples: all }) => all.map(({ code }): [string, string] => [name, code]));

const SESSIONS = [
  'New-PSSession srv1 -Name ITTask',
  'New-PSSession srv1 -Name UpdateSession',
  'New-PSSession srv2 -Name BackupSession',
  'New-PSSession srv2 -Name Other',
];
const JOBS = [
  'Invoke-Command srv1 { echo one } -AsJob',
  'Invoke-Command srv2 { echo two } -AsJob',
  'Invoke-Command srv1, srv2 { echo three } -AsJob -JobName DailyLog',
];

/** What must be there before an example, by the cmdlet that it is of, and its output's target. */
const BEFORE: Readonly<Record<string, readonly string[]>> = {
  'Connect-PSSession': [...SESSIONS, 'Get-PSSession | Disconnect-PSSession'],
  'Disconnect-PSSession': SESSIONS,
  'Enter-PSSession': SESSIONS,
  'Get-PSSession': SESSIONS,
  'Remove-PSSession': SESSIONS,
  'Get-SessionEvent': ['New-PSSession srv1 -Name build'],
  'Grant-PSSessionAccess': SESSIONS,
  'Revoke-PSSessionAccess': SESSIONS,
  'Send-TSMessage': [...SESSIONS, '$s = Get-PSSession -Name ITTask'],
  'Receive-PSSession': [...SESSIONS, 'Get-PSSession | Disconnect-PSSession'],
  'Get-Job': JOBS,
  'Wait-Job': JOBS,
  'Receive-Job': JOBS,
  'Stop-Job': JOBS,
  'Remove-Job': [...JOBS, 'Get-Job | Wait-Job'],
  'Enter-PSSession -Watch': [...SESSIONS, 'Get-PSSession -Name ITTask | Disconnect-PSSession'],
  'Receive-PSSession -OutTarget': [
    'Invoke-Command srv1 { echo begun; read -t 1; echo done } -InDisconnectedSession -SessionName ITTask',
  ],
};

/** What these agents, which serve one user, refuse; grants.test.ts runs them where they do what they say. */
const REFUSED: Readonly<Record<string, string>> = {
  'Grant-PSSessionAccess': 'nobody else comes in here',
  'Revoke-PSSessionAccess': 'nobody else comes in here',
};

const hosts: { machine: Machine; agent: TestAgent }[] = [];
const client = new Machine();
const KEY = join(client.home, '.ssh/id_ed25519');

beforeAll(async () => {
  const config = '[configurations.ITTasks]\n';
  for (let count = 0; count < 2; count++) {
    const machine = new Machine();
    hosts.push({ machine, agent: await TestAgent.start(machine, [client.publicKey()], { config }) });
  }
  writeFileSync(join(client.home, 'backup.sh'), 'echo "backup of $1"\n');
});

afterAll(async () => {
  for (const { machine, agent } of hosts) {
    await agent.kill();
    machine[Symbol.dispose]();
  }
  client[Symbol.dispose]();
});

/** A runspace of a client of its own, on the machine that knows the hosts. */
function makeRunspace(): { runspace: Runspace; host: RecordingHost } {
  const host = Object.assign(new RecordingHost(), { history: ['Get-PSSession'] });
  const addresses = hosts.map(({ agent }, at) => ({
    kind: 'agent' as const,
    computerName: `srv${at + 1}`,
    host: '127.0.0.1',
    port: agent.port,
    path: '/',
    hostKey: agent.hostKey,
  }));
  const remoting = new Remoting({
    hosts: new HostsFile(addresses),
    environment: client.env,
    identity: KEY,
    knownHostsFiles: [join(client.home, '.ssh/known_hosts')],
    confirmHostKey: async () => true,
  });
  return { runspace: new Runspace({ remoting, host, nativeShell: new SpawnedShell(() => client.home) }), host };
}

/** An example with what it names as this machine has it: its user is whoever runs this test. */
function here(code: string): string {
  return code
    .replace('-Credential admin', `-Credential ${userInfo().username}`)
    .replace('admin@srv1', `${userInfo().username}@srv1`)
    .replace('~/.ssh/id_admin', KEY)
    .replace('srv1.example.org:7433', `127.0.0.1:${hosts[0]?.agent.port}`);
}

test.each(examples)('%s: %s', async (name, code) => {
  const { runspace, host } = makeRunspace();
  const { signal } = new AbortController();
  try {
    const [how = ''] = /-OutTarget|-Watch/.exec(code) ?? [];
    const key = `${name} ${how}`.trim();
    for (const line of BEFORE[key] ?? []) await runspace.run(line, signal);
    expect(host.take().errors).toEqual([]);
    await runspace.run(here(code), signal);
    const refused = REFUSED[name];
    const errors = host.take().errors.join('\n');
    if (refused === undefined) expect(errors).toBe('');
    else expect(errors).toContain(refused);
  } finally {
    // The next example finds no session of the same name.
    await runspace.run('Get-PSSession -ComputerName srv1, srv2 | Remove-PSSession', signal);
    await runspace.remoting.goodbyeAll();
  }
});
