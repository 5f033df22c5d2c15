import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { LocalMachine } from '../cli/testing/local-machine.ts';
import { TestClient } from './testing/test-client.ts';

const machine = new LocalMachine();

let first = new TestClient(machine.environment);
let second = new TestClient(machine.environment);

beforeEach(() => {
  first = new TestClient(machine.environment);
  second = new TestClient(machine.environment);
});

afterEach(async () => {
  await first.run('Get-PSSession -ComputerName localhost | Remove-PSSession');
  await first.remoting.goodbyeAll();
  await second.remoting.goodbyeAll();
  rmSync(`${machine.home}/go`, { force: true });
});

afterAll(() => machine[Symbol.asyncDispose]());

/** Runs until the test lets it go. */
const WAITING = 'echo begun; until [ -e ~/go ]; do sleep 0.01; done; echo done; echo bad >&2; (exit 2)';
const LET_GO = 'Invoke-Command localhost { touch ~/go }';

test('a command in a disconnected session is received by another client, once', async () => {
  expect(
    await first.run('icm localhost { echo one; echo two >&2; echo three } -InDisconnectedSession -SessionName Bugs'),
  ).toEqual({
    output: [
      'Id Name ComputerName State ConfigurationName Availability',
      '-- ---- ------------ ----- ----------------- ------------',
      '1 Bugs localhost Disconnected default None',
    ],
    errors: [],
  });
  expect(
    await second.run('$r = Receive-PSSession -ComputerName localhost -Name bugs; $r; $r[0].PSComputerName'),
  ).toEqual({
    output: ['one', 'three', 'localhost'],
    errors: ['two'],
  });
  expect((await second.run('Get-PSSession')).output.at(-1)).toBe('1 Bugs localhost Opened default Available');
  expect(await second.run('Receive-PSSession -Name Bugs')).toEqual({ output: [], errors: [] });
  expect((await second.run('Receive-PSSession -Name Bugs -Replay')).output).toEqual(['one', 'three']);
});

test('a command that still runs is followed to its end', async () => {
  await first.run(`icm localhost { ${WAITING} } -Disconnected -SessionName Long`);
  const receiving = second.run('Receive-PSSession localhost -Name Long');
  await expect.poll(() => second.host.output).toContain('begun');
  await first.run(LET_GO);
  expect(await receiving).toEqual({
    output: ['begun', 'done'],
    errors: ['bad', 'The command ended with exit status 2'],
  });
  expect(await second.run('$s = Get-PSSession -Name Long; icm $s { echo here }')).toEqual({
    output: ['here'],
    errors: [],
  });
});

test('a stop while receiving stops the command', async () => {
  // A single program: bash itself may lose a Ctrl-C while it starts one.
  await first.run('icm localhost { echo begun; sleep 60 } -Disconnected -SessionName Long');
  const stop = new AbortController();
  const receiving = second.run('Receive-PSSession localhost -Name Long', stop.signal);
  await expect.poll(() => second.host.output).toContain('begun');
  stop.abort();
  await receiving;
  expect(second.runspace.lastStatus).toBe(130);
  await expect
    .poll(async () => (await second.run('(Get-PSSession -Name Long).Availability')).output)
    .toEqual(['Available']);
});

test('a job is disconnected with its session, and goes on where it was', async () => {
  await first.run(`$s = New-PSSession -Name Test; $j = icm $s { ${WAITING} } -AsJob`);
  await expect.poll(async () => (await first.run('Receive-Job $j')).output).toEqual(['begun']);
  await first.run('Disconnect-PSSession $s');
  expect((await first.run('$j.State; $j | Wait-Job | ForEach-Object { $_.State }')).output).toEqual([
    'Disconnected',
    'Disconnected',
  ]);
  await first.run(LET_GO);
  expect((await first.run('$s2 = Connect-PSSession -ComputerName localhost -Name Test; $j.Id')).output).toEqual(['1']);
  expect((await first.run('$j2 = Receive-PSSession -Session $s; $j2.Id')).output).toEqual(['1']);
  expect(await first.run('Receive-Job $j -Wait')).toEqual({
    output: ['done'],
    errors: ['bad', 'The command ended with exit status 2'],
  });
  expect((await first.run('$j.State')).output).toEqual(['Failed']);
});

test('the output of a session becomes a job', async () => {
  await first.run(`icm localhost { ${WAITING} } -Disconnected -SessionName Long`);
  expect(
    (await second.run('$j = Receive-PSSession localhost -Name Long -OutTarget Job -JobName Gather; $j')).output.at(-1),
  ).toMatch(/^1 Gather RemoteJob Running True localhost/u);
  await first.run(LET_GO);
  expect((await second.run('$j | Receive-Job -Wait')).output).toEqual(['begun', 'done']);
});

test('several sessions come through the pipeline, and those where nothing ran give nothing', async () => {
  await first.run('icm localhost, localhost { echo $((1 + 1)) } -Disconnected -SessionName a, b');
  await first.run('New-PSSession -Name idle | Disconnect-PSSession');
  expect(await second.run('Get-PSSession localhost | Receive-PSSession')).toEqual({ output: ['2', '2'], errors: [] });
});

test('what cannot be received is said, and what is not there on a host is silent', async () => {
  await first.run('New-PSSession -Name held');
  expect((await second.run('Receive-PSSession localhost -Name held')).errors[0]).toMatch(
    /^Receive-PSSession : Cannot connect PSSession "held", either because it is not in the Disconnected state, or it is not available for connection\./u,
  );
  expect(await second.run('Receive-PSSession localhost -Name nosuch')).toEqual({ output: [], errors: [] });
  expect((await second.run('Receive-PSSession -Name nosuch')).errors).toEqual([
    'Receive-PSSession : The remote session with the name nosuch is not available.',
  ]);
  expect(await first.run('Receive-PSSession -Name held -WhatIf')).toEqual({
    output: ['What if: Performing the operation "Receive" on target "held".'],
    errors: [],
  });
});

test('of several sessions that a name means none is taken, and what tells them apart is named', async () => {
  await first.run('icm localhost, localhost { echo $((1 + 1)) } -Disconnected -SessionName same, same');
  const ids = (await second.remoting.querySessions('localhost')).map(({ InstanceId }) => InstanceId);
  for (const name of ['same', 'SAM?']) {
    const { output, errors } = await second.run(`Receive-PSSession localhost -Name ${name}`);
    expect(output).toEqual([]);
    expect(errors).toEqual([expect.stringContaining(`: Multiple matches found for name ${name}. Choose one: -`)]);
    for (const id of ids) expect(errors[0]).toContain(`-InstanceId ${id} (same of `);
  }
  expect((await first.run('Receive-PSSession -Name same')).errors[0]).toMatch(/Choose one: -Id \d+ .*, -Id \d+ /u);
  expect(await second.run(`Receive-PSSession localhost -InstanceId ${ids[0]}`)).toEqual({ output: ['2'], errors: [] });
});

test('parameters that do not go together', async () => {
  expect((await first.run('icm localhost { echo x } -SessionName a')).errors).toEqual([
    'Invoke-Command : The SessionName parameter can only be used with the Disconnected switch parameter.',
  ]);
  expect((await first.run('icm localhost { echo x } -AsJob -Disconnected')).errors).toEqual([
    'Invoke-Command : You cannot use the Invoke-Command cmdlet with both the AsJob and Disconnected parameters in the same command.',
  ]);
});
