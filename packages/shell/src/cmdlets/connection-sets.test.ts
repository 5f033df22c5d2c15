import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { ConnectOptions } from '../client/connect.ts';
import { HostsFile } from '../client/hosts.ts';
import { Remoting } from '../client/remoting.ts';
import { RealAgent } from '../client/testing/real-agent.ts';
import { Runspace } from '../runtime/runspace.ts';
import { RecordingHost } from '../runtime/testing/recording-host.ts';

const agent = new RealAgent();
const user = agent.environment['USER'] ?? '';
let host = new RecordingHost();
let remoting: Remoting;
let runspace: Runspace;

/** A client that trusts what it sees first; its `srv1` is at a port where nothing listens. */
function begin(options: Partial<ConnectOptions>): void {
  const srv1 = { kind: 'agent', computerName: 'srv1', host: '127.0.0.1', port: 9, path: '/' } as const;
  const trust = { knownHostsFiles: [join(agent.home, 'known_hosts')], confirmHostKey: async () => true };
  host = new RecordingHost();
  remoting = new Remoting({ environment: agent.environment, hosts: new HostsFile([srv1]), ...trust, ...options });
  runspace = new Runspace({ remoting, host });
}

async function run(line: string): Promise<{ output: string[]; errors: string[] }> {
  await runspace.run(
    line.replaceAll('PORT', String(agent.port)).replaceAll('KEY', agent.identity),
    AbortSignal.any([]),
  );
  return host.take();
}

beforeAll(() => agent.serve());

afterEach(async () => {
  await remoting.goodbyeAll();
});

afterAll(() => agent[Symbol.asyncDispose]());

test('an address is enough for all that is done with a session', async () => {
  begin({ identity: agent.identity });
  const uri = 'https://127.0.0.1:PORT';
  await run(`$s = New-PSSession -ConnectionUri ${uri} -Name ITTask -AllowRedirection`);
  expect((await run('$s.ComputerName; $i = $s.Runspace.ConnectionInfo; $i.ConnectionUri; $i.Scheme')).output).toEqual([
    '127.0.0.1',
    `wss://127.0.0.1:${agent.port}/`,
    'wss',
  ]);
  expect((await run(`Invoke-Command -Uri ${uri} { echo here }`)).output).toEqual(['here']);
  const own = `Invoke-Command -Uri ${uri} { Get-PSSessionConfiguration default }`;
  expect((await run(`(${own}).PSComputerName`)).output).toEqual(['127.0.0.1']);
  expect((await run(`(Get-PSSession -ConnectionUri ${uri} -State Opened).Name`)).output).toEqual(['ITTask']);
  await run('Invoke-Command $s { echo missed } -AsJob | Wait-Job | Out-Null; Disconnect-PSSession $s | Out-Null');
  expect((await run(`(Connect-PSSession -ConnectionUri ${uri} -Name ITTask).State`)).output).toEqual(['Opened']);
  await run('Disconnect-PSSession $s | Out-Null');
  expect((await run(`Receive-PSSession -ConnectionUri ${uri} -InstanceId $s.InstanceId`)).errors).toEqual([]);
  expect((await run('$s.State; Remove-PSSession $s')).output).toEqual(['Opened']);
  await run(`Enter-PSSession -ConnectionUri ${uri}`);
  expect(host.entered?.ComputerName).toBe('127.0.0.1');
});

test('an address without TLS is refused, and what is none', async () => {
  begin({});
  expect((await run('New-PSSession -Uri http://srv1:91/NewSession')).errors).toEqual([
    "New-PSSession : Cannot bind parameter 'ConnectionUri'. http://srv1:91/NewSession would be a connection without TLS, and TLS is always used: give wss://srv1:91/NewSession",
  ]);
  expect((await run('Get-PSSession -ConnectionUri srv1')).errors).toEqual([
    "Get-PSSession : Cannot bind parameter 'ConnectionUri'. srv1 is no address of an agent: give wss://HOST[:PORT], or the host by -ComputerName",
  ]);
});

test('what is no port is refused, and a pattern where one host is wanted', async () => {
  begin({});
  expect((await run('Enter-PSSession none*')).errors).toEqual([
    'Enter-PSSession : No host of config.toml is named like none*',
  ]);
  expect((await run('New-PSSession srv1 -Port 70000')).errors).toEqual([
    "New-PSSession : Cannot bind parameter 'Port'. 70000 is no port: give one from 1 to 65535",
  ]);
});

test('a port takes the place of the one that a name stands for', async () => {
  begin({ identity: agent.identity });
  expect((await run('New-PSSession srv1')).errors[0]).toContain('nothing listens there');
  await run('$s = New-PSSession srv1 -Port PORT -UseSSL -Name first; $t = New-PSSession -Session $s -Name second');
  expect(
    (await run('$s.ComputerName; $s.Runspace.ConnectionInfo.Port; $t.Runspace.ConnectionInfo.Port')).output,
  ).toEqual(['srv1', String(agent.port), String(agent.port)]);
  // What was found once is found again: the session keeps the way to its host.
  await run('Disconnect-PSSession $s | Connect-PSSession | Out-Null');
  expect((await run('Invoke-Command $s, $t { echo here }')).output).toEqual(['srv1: here', 'srv1: here']);
  expect((await run('(Get-PSSession srv1 -Port PORT).Name')).output.toSorted()).toEqual(['first', 'second']);
  expect((await run('Invoke-Command localhost -Port PORT { echo here }')).output).toEqual(['here']);
});

test('hosts, users and keys by their ssh names', async () => {
  begin({});
  const other = join(agent.home, 'other');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', other]);
  const at = `-Port PORT -UserName ${user}`;
  expect((await run(`Invoke-Command -HostName srv1 ${at} -KeyFilePath KEY { echo here }`)).output).toEqual(['here']);
  expect((await run(`Invoke-Command -HostName srv1 ${at} -KeyFilePath ${other} { echo here }`)).errors[0]).toMatch(
    /^\[srv1\] Connecting to remote server srv1 failed with the following error message : .*(?:refused|denied|key)/iu,
  );
  await run('$a = @{ HostName = "srv1"; Port = PORT; KeyFilePath = "KEY" }');
  await run(
    `$b = @{ ComputerName = "${user}@127.0.0.1"; Port = PORT; IdentityFilePath = "KEY"; ConnectingTimeout = 9000 }`,
  );
  expect((await run('(New-PSSession -SSHConnection $a, $b).ComputerName')).output).toEqual(['srv1', '127.0.0.1']);
  expect((await run('New-PSSession -SSHConnection @{ Colour = "red" }')).errors).toEqual([
    "New-PSSession : -SSHConnection knows no key 'Colour'",
  ]);
  await run(`Enter-PSSession srv1 ${at} -IdentityFilePath KEY`);
  expect(host.entered?.ComputerName).toBe('srv1');
  await host.leave();
  expect((await run('New-PSSession -HostName localhost -KeyFilePath KEY')).errors[0]).toContain('no key is needed');
});

test('what has no effect is kept and shown, and what would have another one is refused', async () => {
  begin({ identity: agent.identity });
  const shown = '-ApplicationName wsman -Authentication Kerberos -CertificateThumbprint AB12 -Port PORT';
  await run(`$s = New-PSSession localhost ${shown} -SessionOption (New-PSSessionOption -NoCompression -Culture fr-FR)`);
  expect(
    (
      await run(
        '$i = $s.Runspace.ConnectionInfo; $i.AppName; $i.AuthenticationMechanism; $i.CertificateThumbprint; $i.UseCompression; $i.Culture; $i.MaximumReceivedObjectSize',
      )
    ).output,
  ).toEqual(['wsman', 'Kerberos', 'AB12', 'False', 'fr-FR', '209715200']);
  expect((await run('New-PSSession -VMName build; New-PSSession srv1 -RunAsAdministrator')).errors).toEqual([
    "New-PSSession : Cannot bind parameter 'VMName'. Hosts here are reached through their agents, also virtual machines and containers: use -ComputerName",
    "New-PSSession : Cannot bind parameter 'RunAsAdministrator'. A session has the rights of its Unix user: be another one by -Credential, or use sudo",
  ]);
});
