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

test('an idle time-out under the least is refused, for the configuration that a variable names too', async () => {
  const refusal =
    'The specified IdleTimeout session option 30 (seconds) is not a valid period. Specify an IdleTimeout value that is greater than or equal to the minimum allowed 60 (seconds).';
  expect((await run('New-PSSession -SessionOption @{IdleTimeout=30000}')).errors).toEqual([
    `New-PSSession : ${refusal}`,
  ]);
  await run(
    '$PSSessionConfigurationName = "http://schemas.microsoft.com/powershell/nosuch"; $PSSessionApplicationName = "wsman"',
  );
  expect((await run('New-PSSession')).errors[0]).toContain('Cannot find the nosuch session configuration');
  const shown = '(New-PSSession -ConfigurationName default).Runspace.ConnectionInfo.AppName';
  expect((await run(shown)).output).toEqual(['wsman']);
});

test('a mode that is wanted when a session is connected counts when it is disconnected', async () => {
  await run('$s = New-PSSession -Name ITTask; Disconnect-PSSession $s | Out-Null');
  await run('Connect-PSSession localhost -Name ITTask -SessionOption @{OutputBufferingMode="Drop"} | Out-Null');
  const { output } = await run('(Disconnect-PSSession $s).OutputBufferingMode; Connect-PSSession $s | Out-Null');
  expect(output).toEqual(['Drop']);
  await run('Disconnect-PSSession $s -OutputBufferingMode Block | Connect-PSSession | Disconnect-PSSession | Out-Null');
  expect((await run('$s.OutputBufferingMode; Remove-PSSession $s')).output).toEqual(['Block']);
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
