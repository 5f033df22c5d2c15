import { appendFileSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { FaultLink } from '../../../../test/support/fault-link.ts';
import { RIPPLE } from '../../../../test/support/fault-plan.ts';
import type { ClientSettings } from '../client/client-settings.ts';
import { HostsFile, type HostAddress } from '../client/hosts.ts';
import { Remoting } from '../client/remoting.ts';
import { RealAgent } from '../client/testing/real-agent.ts';
import { Runspace } from '../runtime/runspace.ts';
import { RecordingHost } from '../runtime/testing/recording-host.ts';

const agent = new RealAgent();
let proxy: FaultLink;
let host = new RecordingHost();
let remoting: Remoting;
let runspace: Runspace;

async function run(line: string, signal = AbortSignal.any([])): Promise<{ output: string[]; errors: string[] }> {
  await runspace.run(line, signal);
  return host.take();
}

function begin(port: number, settings: Partial<ClientSettings> = {}): void {
  const { fingerprint: hostKey, identity } = agent;
  const srv1: HostAddress = {
    kind: 'agent',
    computerName: 'srv1',
    host: '127.0.0.1',
    port,
    path: '/',
    hostKey,
    identity,
  };
  host = new RecordingHost();
  remoting = new Remoting({ environment: agent.environment, hosts: new HostsFile([srv1]), settings });
  runspace = new Runspace({ remoting, host });
}

/** A way to the agent that fails so many times at first. */
async function failingPort(failures: number): Promise<number> {
  let left = failures;
  const server = createServer((client) => {
    client.on('error', () => undefined);
    left -= 1;
    if (left >= 0) client.destroy();
    else client.pipe(connect(agent.port, '127.0.0.1').on('error', () => client.destroy())).pipe(client);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  await agent.serve();
});

beforeEach(async () => {
  proxy = await FaultLink.start(() => agent.port, RIPPLE);
  begin(proxy.port);
});

afterEach(async () => {
  proxy.thaw();
  await remoting.goodbyeAll();
  await proxy[Symbol.asyncDispose]();
});

afterAll(async () => {
  await agent[Symbol.asyncDispose]();
});

test('OpenTimeout ends the wait for a host, and $PSSessionOption is for all commands', async () => {
  proxy.freeze();
  const late =
    '[srv1] Connecting to remote server srv1 failed with the following error message : srv1 did not answer in time.';
  expect((await run('New-PSSession srv1 -SessionOption @{OpenTimeout=100}')).errors[0]).toContain(late);
  await run('$PSSessionOption = New-PSSessionOption -OpenTimeout 100');
  expect((await run('Invoke-Command srv1 { echo here }')).errors[0]).toContain(late);
  expect((await run('Get-PSSession srv1')).errors[0]).toContain('srv1 did not answer in time');
});

test('MaxConnectionRetryCount gets past a network that fails, and past no more', async () => {
  begin(await failingPort(2));
  expect((await run('New-PSSession srv1')).errors[0]).toContain('Cannot connect to srv1');
  const tried = await run(
    '$s = New-PSSession srv1 -SessionOption (New-PSSessionOption -MaxConnectionRetryCount 1); $s.State',
  );
  expect(tried).toEqual({ output: ['Opened'], errors: [] });
});

test('OperationTimeout ends the wait for an answer', async () => {
  await run('$s = New-PSSession srv1 -Name ITTask -SessionOption @{OperationTimeout=200}');
  proxy.freeze();
  expect((await run('Get-PSSession srv1 -SessionOption @{OperationTimeout=200}')).errors).toEqual([
    'Get-PSSession : The remote session query failed for srv1 with the following error message: srv1 did not list its sessions within 200 ms',
  ]);
  expect((await run('Disconnect-PSSession $s')).errors).toEqual([
    'Disconnect-PSSession : srv1 did not disconnect ITTask within 200 ms',
  ]);
  expect((await run('$s.Runspace.ConnectionInfo.OperationTimeout')).output).toEqual(['200']);
});

test('CancelTimeout is how long a stopped command has, before it is killed', async () => {
  begin(proxy.port, { killAfterMs: 60_000 });
  const stop = new AbortController();
  const begun = join(agent.home, 'begun');
  const running = run(
    'Invoke-Command srv1 { trap "" INT; touch ~/begun; while :; do sleep 0.05; done } -SessionOption @{CancelTimeout=150}',
    stop.signal,
  );
  await expect.poll(() => existsSync(begun)).toBe(true);
  stop.abort();
  // Without it the kill would come after a minute.
  await running.catch(() => undefined);
});

test.each([
  ['Made', '$s = New-PSSession srv1 -Name Made -SessionOption @{CancelTimeout=150}', {}],
  ['Plain', '$s = New-PSSession srv1 -Name Plain', { killAfterMs: 150 }],
  [
    'Connected',
    'New-PSSession srv1 -Name Connected | Disconnect-PSSession | Out-Null; $s = Connect-PSSession srv1 -Name Connected -SessionOption @{CancelTimeout=150}',
    {},
  ],
])(
  'a stopped command that does not end is left running in its session after the CancelTimeout of the session, or its standard one: %s',
  async (name, make, settings) => {
    begin(proxy.port, settings);
    expect((await run(make)).errors).toEqual([]);
    const stop = new AbortController();
    const begun = join(agent.home, 'begun');
    rmSync(begun, { force: true });
    const running = run(
      'Invoke-Command $s { trap "" INT; touch ~/begun; until [ -e ~/go ]; do sleep 0.05; done }',
      stop.signal,
    );
    await expect.poll(() => existsSync(begun)).toBe(true);
    stop.abort();
    expect((await running).errors).toEqual([
      `[srv1] The command did not end within 150 ms of its interrupt, and is left running in the session ${name}`,
    ]);
    expect((await run('$s.State; $s.Availability')).output).toEqual(['Opened', 'Busy']);
    writeFileSync(join(agent.home, 'go'), '');
    await expect.poll(async () => (await run('$s.Availability')).output).toEqual(['Available']);
    rmSync(join(agent.home, 'go'));
  },
);

test('a CancelTimeout of 0 waits for the end of a stopped command', async () => {
  await run('$s = New-PSSession srv1 -SessionOption @{CancelTimeout=0}');
  const stop = new AbortController();
  const begun = join(agent.home, 'begun');
  rmSync(begun, { force: true });
  const running = run(
    'Invoke-Command $s { bash -c "trap \\"touch ~/trapped\\" INT; touch ~/begun; until [ -e ~/go ]; do sleep 0.05; done" }',
    stop.signal,
  );
  await expect.poll(() => existsSync(begun)).toBe(true);
  stop.abort();
  await expect.poll(() => existsSync(join(agent.home, 'trapped'))).toBe(true);
  writeFileSync(join(agent.home, 'go'), '');
  expect((await running).errors).toEqual([]);
  rmSync(join(agent.home, 'go'));
});

test.each([
  ['a one-shot', 'srv1', '-SessionOption $o'],
  ['a session', '$s', ''],
])('%s that writes more than is taken is stopped', async (_, target, how) => {
  await run(
    '$o = New-PSSessionOption -MaximumReceivedDataSizePerCommand 10000; $s = New-PSSession srv1 -SessionOption $o',
  );
  const total = `Invoke-Command ${target} ${how} { echo first; sleep 0.1; while :; do echo 0123456789; done }`;
  const { output, errors } = await run(total);
  expect(output[0]).toBe('first');
  expect(errors).toEqual([
    '[srv1] Processing data from remote server srv1 failed with the following error message: The total data received from the remote server exceeded the allowed maximum. The allowed maximum is 10000.',
  ]);
  await run(
    'Remove-PSSession $s; $o = New-PSSessionOption -MaximumReceivedObjectSize 100; $s = New-PSSession srv1 -SessionOption $o',
  );
  expect((await run(`Invoke-Command ${target} ${how} { seq 100; printf %101s }`)).errors[0]).toMatch(
    /The current deserialized object size is 101\. The allowed maximum object size is 100\.$/u,
  );
  expect((await run(`Invoke-Command ${target} ${how} { printf %100s }`)).errors).toEqual([]);
});

test('NoMachineProfile leaves the rc files of the user out', async () => {
  appendFileSync(join(agent.home, '.bashrc'), 'FROM_RC=yes\n');
  appendFileSync(join(agent.home, '.profile'), 'FROM_PROFILE=yes\n');
  await run('$s = New-PSSession srv1; $n = New-PSSession srv1 -SessionOption (New-PSSessionOption -NoMachineProfile)');
  expect((await run('Invoke-Command $s { echo "[$FROM_RC$FROM_PROFILE]" }')).output).toEqual(['[yesyes]']);
  expect((await run('Invoke-Command $n { echo "[$FROM_RC$FROM_PROFILE]" }')).output).toEqual(['[]']);
  expect((await run('$n.Runspace.ConnectionInfo.NoMachineProfile; $n.State')).output).toEqual(['True', 'Opened']);
});
