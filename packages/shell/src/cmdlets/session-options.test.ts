import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { LocalMachine } from '../cli/testing/local-machine.ts';
import { TestClient } from './testing/test-client.ts';

const machine = new LocalMachine();
let client = new TestClient(machine.environment);
const run = (line: string): ReturnType<TestClient['run']> => client.run(line);

beforeEach(() => {
  client = new TestClient(machine.environment);
});

afterEach(async () => {
  await client.remoting.goodbyeAll();
});

afterAll(() => machine[Symbol.asyncDispose]());

test('the options by default, in the order of PowerShell', async () => {
  expect((await run('New-PSSessionOption')).output).toEqual([
    'MaximumConnectionRedirectionCount : 5',
    'NoCompression : False',
    'NoMachineProfile : False',
    'ProxyAccessType : None',
    'ProxyAuthentication : Negotiate',
    'ProxyCredential :',
    'SkipCACheck : False',
    'SkipCNCheck : False',
    'SkipRevocationCheck : False',
    'OperationTimeout : 00:03:00',
    'NoEncryption : False',
    'UseUTF16 : False',
    'IncludePortInSPN : False',
    'OutputBufferingMode : None',
    'MaxConnectionRetryCount : 0',
    'Culture :',
    'UICulture :',
    'MaximumReceivedDataSizePerCommand :',
    'MaximumReceivedObjectSize :',
    'ApplicationArguments :',
    'OpenTimeout : 00:03:00',
    'CancelTimeout : 00:01:00',
    'IdleTimeout : -00:00:00.0010000',
  ]);
});

test('options are chosen, read and changed', async () => {
  await run('$a = New-PSSessionOption -IdleTimeout 172800000 -MaximumRedirection 1 -Culture fr-FR -SkipCN');
  expect(
    (await run('"$($a.IdleTimeout) $($a.MaximumConnectionRedirectionCount) $($a.Culture) $($a.SkipCNCheck)"')).output,
  ).toEqual(['2.00:00:00 1 fr-FR True']);
  expect((await run('$a.OpenTimeout.TotalMilliseconds; $a.OpenTimeout = 240000; $a.OpenTimeout')).output).toEqual([
    '180000',
    '240000',
  ]);
  expect((await run('New-PSSessionOption -IdleTimeout -2')).errors).toEqual([
    expect.stringContaining("Cannot validate argument on parameter 'IdleTimeout'. The -2 argument is less than"),
  ]);
});

test('an idle time-out over the limit is warned of, and refused when the session is disconnected', async () => {
  await run('$Timeout = New-PSSessionOption -IdleTimeout 172800000');
  expect((await run('$s = New-PSSession -Computer localhost -Name ITTask -SessionOption $Timeout')).errors).toEqual([
    'WARNING: localhost keeps a disconnected session for 43200 seconds at most, and not for 172800: disconnect ITTask with -IdleTimeoutSec',
  ]);
  expect((await run('Disconnect-PSSession -Session $s')).errors).toEqual([
    'Disconnect-PSSession : The session ITTask cannot be disconnected because the specified idle timeout value 172800(seconds) is either greater than the server maximum allowed 43200 (seconds) or less that the minimum allowed60(seconds). Choose an idle time out value that is within the allowed range and try again.',
  ]);
  expect((await run('$s.IdleTimeout')).output).toEqual(['172800000']);
  expect((await run('Disconnect-PSSession $s -IdleTimeoutSec 43200')).errors).toEqual([]);
  expect((await run('$s.IdleTimeout; Remove-PSSession $s')).output).toEqual(['43200000']);
});

test('a hashtable will do, and so will the variable', async () => {
  const line =
    "$s = New-PSSession -SessionOption @{OutputBufferingMode='Drop'; IdleTimeout=3600000}; $s.OutputBufferingMode; $s.IdleTimeout";
  expect(await run(line)).toEqual({ output: ['Drop', '3600000'], errors: [] });
  await run('$PSSessionOption = New-PSSessionOption -IdleTimeout 7200000');
  expect((await run('(New-PSSession).IdleTimeout')).output).toEqual(['7200000']);
  expect((await run('New-PSSession -SessionOption @{Nonsense=1}')).errors).toEqual([
    expect.stringContaining('The property Nonsense was not found'),
  ]);
});
