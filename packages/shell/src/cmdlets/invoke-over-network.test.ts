import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { FaultLink } from '../../../../test/support/fault-link.ts';
import { RIPPLE } from '../../../../test/support/fault-plan.ts';
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

async function run(line: string): Promise<{ output: string[]; errors: string[] }> {
  await runspace.run(line, new AbortController().signal);
  return host.take();
}

function named(computerName: string): HostAddress {
  const { fingerprint: hostKey, identity } = agent;
  return { kind: 'agent', computerName, host: '127.0.0.1', port: proxy.port, path: '/', hostKey, identity };
}

beforeAll(async () => {
  await agent.serve();
});

beforeEach(async () => {
  proxy = await FaultLink.start(() => agent.port, RIPPLE);
  const hosts = new HostsFile(['srv1', 'srv2', 'web1'].map(named));
  host = new RecordingHost();
  remoting = new Remoting({ environment: agent.environment, hosts });
  runspace = new Runspace({ remoting, host });
});

afterEach(async () => {
  await remoting.goodbyeAll();
  await proxy[Symbol.asyncDispose]();
});

afterAll(async () => {
  await agent[Symbol.asyncDispose]();
});

test('several hosts, by name and pattern, with at most so many at once', async () => {
  const { output, errors } = await run('Invoke-Command -ComputerName srv*, web1 { echo "$USER" } -ThrottleLimit 2');
  expect(errors).toEqual([]);
  const user = agent.environment['USER'];
  expect(output.toSorted()).toEqual([`srv1: ${user}`, `srv2: ${user}`, `web1: ${user}`]);
});

test('results come as they come, not host by host', async () => {
  const waiting = 'if mkdir ~/first 2>/dev/null; then until [ -e ~/go ]; do sleep 0.01; done; else echo second; fi';
  const running = run(`Invoke-Command -ComputerName srv1, srv2 { ${waiting}; echo end }`);
  await expect.poll(() => host.output).toMatch(/second\n.*end\n$/u);
  const connection = await remoting.connection('srv1');
  await connection.run('touch ~/go', { onStdout: () => undefined, onStderr: () => undefined });
  expect((await running).output).toHaveLength(3);
});

test('a cut link loses nothing of what a session or a one-shot writes', async () => {
  await run('$s = New-PSSession srv1');
  for (const target of ['$s', 'srv1']) {
    const lines = 'for i in $(seq 1 40); do echo $i; echo e$i >&2; sleep 0.01; done';
    const running = run(`Invoke-Command ${target} { ${lines} }`);
    await expect.poll(() => host.output).toContain('5\n');
    proxy.cut();
    const { output, errors } = await running;
    const numbers = Array.from({ length: 40 }, (_, index) => String(index + 1));
    expect(output).toEqual(numbers);
    expect(errors).toEqual(numbers.map((number) => `e${number}`));
  }
});

test('the configurations of an agent', async () => {
  expect(
    (await run('Invoke-Command srv1 { Get-PSSessionConfiguration } | ForEach-Object { $_.PSComputerName + $_.Name }'))
      .output,
  ).toEqual(['srv1default']);
});
