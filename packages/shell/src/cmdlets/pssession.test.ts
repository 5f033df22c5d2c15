import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import { LocalMachine } from '../cli/testing/local-machine.ts';
import { memberNames } from '../runtime/members.ts';
import { SESSION_PROPERTIES } from './output-properties.ts';
import { TestClient } from './testing/test-client.ts';

const machine = new LocalMachine();
// A holder whose link is lost holds nobody off.
machine.environment['HOLDFAST_HOST_SETTINGS'] = '{"takeAfterMs":1}';

/** One client of the machine's session host. */
class Client extends TestClient {
  constructor() {
    super(machine.environment);
  }

  /** Rows of the table that the line shows. */
  async rows(line: string): Promise<string[]> {
    const { output, errors } = await this.run(line);
    expect(errors).toEqual([]);
    if (output.length === 0) return [];
    expect(output.slice(0, 2)).toEqual([
      'Id Name ComputerName State ConfigurationName Availability',
      '-- ---- ------------ ----- ----------------- ------------',
    ]);
    return output.slice(2);
  }
}

let first = new Client();
let second = new Client();

beforeEach(() => {
  first = new Client();
  second = new Client();
});

afterEach(async () => {
  await first.remoting.goodbyeAll();
  await second.remoting.goodbyeAll();
});

afterAll(() => machine[Symbol.asyncDispose]());

test('a session is created, disconnected, found and continued by another client, and removed', async () => {
  expect(await first.rows('New-PSSession -Name UpdateSession')).toEqual([
    '1 UpdateSession localhost Opened default Available',
  ]);
  expect(memberNames(first.remoting.sessions[0] ?? {}).toSorted()).toEqual(SESSION_PROPERTIES.toSorted());
  expect(await second.rows('Get-PSSession .')).toEqual(['1 UpdateSession localhost Disconnected default Busy']);
  expect(await first.rows('Disconnect-PSSession -Name UpdateSession')).toEqual([
    '1 UpdateSession localhost Disconnected default None',
  ]);
  expect(await first.rows('dnsn -Name UpdateSession')).toEqual(['1 UpdateSession localhost Disconnected default None']);
  expect(await second.rows('Connect-PSSession -ComputerName localhost -Name update*')).toEqual([
    '1 UpdateSession localhost Opened default Available',
  ]);
  expect(await second.rows('cnsn 1')).toEqual(['1 UpdateSession localhost Opened default Available']);
  expect(await first.rows('Get-PSSession -ComputerName localhost')).toEqual([
    '1 UpdateSession localhost Disconnected default Busy',
  ]);
  expect(await first.run('Connect-PSSession -Id 1')).toEqual({
    output: [],
    errors: [
      expect.stringMatching(
        /^Connect-PSSession : Cannot connect PSSession "UpdateSession", either because it is not in the Disconnected state, or it is not available for connection\. Session UpdateSession is held by \S+ at \S+.*: use -Force to take it$/u,
      ),
    ],
  });
  expect(await first.rows('Connect-PSSession -Id 1 -Force')).toEqual([
    '1 UpdateSession localhost Opened default Available',
  ]);
  expect(await first.run('Remove-PSSession -Id 1 -WhatIf')).toEqual({
    output: ['What if: Performing the operation "Remove" on target "localhost".'],
    errors: [],
  });
  expect(await first.run('rsn 1')).toEqual({ output: [], errors: [] });
  expect(await first.rows('Get-PSSession')).toEqual([]);
  expect(await second.rows('Get-PSSession localhost')).toEqual([]);
});

test('names: one for all, by index, by default', async () => {
  expect(await first.rows('nsn localhost, localhost -Name ITTask')).toEqual([
    '1 ITTask localhost Opened default Available',
    '2 ITTask localhost Opened default Available',
  ]);
  expect(await first.rows('New-PSSession localhost, localhost, localhost -Name a, b')).toEqual([
    expect.stringMatching(/^\d a localhost Opened/u),
    expect.stringMatching(/^\d b localhost Opened/u),
    expect.stringMatching(/^(\d) Session\1 localhost Opened/u),
  ]);
  expect(await first.rows('Get-PSSession -Id 2, 1')).toEqual([
    '1 ITTask localhost Opened default Available',
    '2 ITTask localhost Opened default Available',
  ]);
  expect(await first.run('Enter-PSSession -Name ITTask')).toEqual({
    output: [],
    errors: [
      expect.stringMatching(
        /^Enter-PSSession : Multiple matches found for name ITTask\. Choose one: -Id 1 \(ITTask of \S+ on localhost\), -Id 2 \(ITTask of \S+ on localhost\)$/u,
      ),
    ],
  });
  expect(await first.rows('Get-PSSession -ComputerName localhost -Name a, ITTask -State Opened')).toHaveLength(3);
  expect(await first.run('Remove-PSSession -ComputerName local*')).toEqual({ output: [], errors: [] });
  expect(await first.rows('Get-PSSession')).toEqual([]);
});

test.each([
  ['Get-PSSession -Name nosuch', 'Get-PSSession : The remote session with the name nosuch is not available.'],
  [
    'Disconnect-PSSession -Name nosuch',
    'Disconnect-PSSession : The remote session with the name nosuch is not available.',
  ],
  ['Remove-PSSession -Id 42', 'Remove-PSSession : The remote session with the session ID 42 is not available.'],
  ['Enter-PSSession -Id 42', 'Enter-PSSession : The remote session with the session ID 42 is not available.'],
  [
    'Connect-PSSession -InstanceId a786be29-0000-4000-8000-000000000001',
    'Connect-PSSession : Remote session is not available for a786be29-0000-4000-8000-000000000001.',
  ],
  [
    'Remove-PSSession -ComputerName nosuch',
    'Remove-PSSession : Remote session is not available for ComputerName nosuch.',
  ],
  [
    'Disconnect-PSSession',
    'Disconnect-PSSession : Cannot process command because of one or more missing mandatory parameters: Session.',
  ],
  ['Get-PSSession -Name nosuch*', undefined],
  ['Get-PSSession -ComputerName localhost -Name nosuch', undefined],
  ['Exit-PSSession', undefined],
])('%s where nothing is', async (line, error) => {
  expect(await first.run(line)).toEqual({ output: [], errors: error === undefined ? [] : [error] });
});

test('a query says which names fit nothing, but only if a session came back', async () => {
  await first.run('New-PSSession -Name there');
  expect(await first.run('Get-PSSession localhost -Name there, nosuch')).toEqual({
    output: expect.arrayContaining(['1 there localhost Opened default Available']) as string[],
    errors: ['Get-PSSession : The command cannot find a PSSession that has the name "nosuch".'],
  });
  await first.run('Remove-PSSession -Name there');
});

test('a host that cannot be reached is an error of its own, and the others are used', async () => {
  const { output, errors } = await first.run('New-PSSession -ComputerName 127.0.0.1:1, localhost');
  expect(output.at(-1)).toMatch(/^2 Session2 localhost Opened/u);
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(
    /^\[127\.0\.0\.1:1\] Connecting to remote server 127\.0\.0\.1:1 failed with the following error message : .*\. For more information, see the about_Remote_Troubleshooting Help topic\.$/u,
  );
  expect(first.runspace.errors[0]).toMatchObject({
    id: 'PSSessionOpenFailed',
    category: 'OpenError',
    target: '127.0.0.1:1',
  });
  const query = await first.run('Get-PSSession -ComputerName 127.0.0.1:1, localhost');
  expect(query.errors[0]).toMatch(
    /^Get-PSSession : The remote session query failed for 127\.0\.0\.1:1 with the following error message: /u,
  );
  expect(query.output).toHaveLength(3);
  await first.run('Remove-PSSession -Id 2');
});

test('an idle time-out out of bounds is refused with the text of the seed, and the session stays', async () => {
  await first.run('New-PSSession -Name ITTask');
  for (const seconds of [172_800, 59]) {
    expect((await first.run(`Disconnect-PSSession -Name ITTask -IdleTimeoutSec ${seconds}`)).errors).toEqual([
      `Disconnect-PSSession : The session ITTask cannot be disconnected because the specified idle timeout value ${seconds}(seconds) is either greater than the server maximum allowed 43200 (seconds) or less that the minimum allowed60(seconds). Choose an idle time out value that is within the allowed range and try again.`,
    ]);
  }
  expect(await first.rows('Get-PSSession')).toEqual(['1 ITTask localhost Opened default Available']);
  expect(
    await first.rows('Disconnect-PSSession -Name ITTask -IdleTimeoutSec 60*60*12 -OutputBufferingMode Drop'),
  ).toEqual(['1 ITTask localhost Disconnected default None']);
  const [session] = first.remoting.sessions;
  expect(session).toMatchObject({ IdleTimeout: 43_200_000, OutputBufferingMode: 'Drop' });
  expect(session?.ExpiresOn?.getTime()).toBeGreaterThan(Date.now() + 43_000_000);
  await first.run('Remove-PSSession -Name ITTask');
});

test('a person is told how long a disconnected session is kept', async () => {
  first.host.interactive = true;
  await first.run('New-PSSession -Name kept');
  const { errors } = await first.run('Disconnect-PSSession -Name kept');
  expect(errors).toEqual([
    `kept on localhost goes on until ${first.remoting.sessions[0]?.ExpiresOn?.toLocaleString()}`,
  ]);
  await first.run('Connect-PSSession -Name kept');
  expect((await first.run('Disconnect-PSSession -Name kept -InformationAction Ignore')).errors).toEqual([]);
  await first.run('Remove-PSSession -Name kept');
});

test('entering: a temporary session by computer, one that is there by name', async () => {
  await first.run('New-PSSession -Name ITTask');
  await first.run('Disconnect-PSSession -Name ITTask');
  expect(await first.run('Enter-PSSession -Name ITTask')).toEqual({ output: [], errors: [] });
  expect(first.host.entered).toMatchObject({ Name: 'ITTask', State: 'Opened' });
  expect(await first.run('Enter-PSSession localhost')).toEqual({
    output: [],
    errors: [
      'Enter-PSSession : You are currently in a Windows PowerShell PSSession and cannot use the Enter-PSSession cmdlet to enter another PSSession.',
    ],
  });
  expect((await first.run('Disconnect-PSSession -Name ITTask')).errors).toEqual([
    'Disconnect-PSSession : Cannot disconnect PSSession "ITTask" because it is in use interactively: leave its prompt first',
  ]);
  // At an entered prompt the default target is its host, and its session.
  expect(await first.rows('Get-PSSession')).toEqual(['1 ITTask localhost Opened default Available']);
  expect(await first.rows('Disconnect-PSSession')).toEqual(['1 ITTask localhost Disconnected default None']);
  expect(first.host.entered).toBeUndefined();
  await first.run('Enter-PSSession');
  expect(first.host.entered?.info).toMatchObject({ name: 'Session2', temporary: true });
  expect(await first.run('Exit-PSSession')).toEqual({ output: [], errors: [] });
  expect(first.host.entered).toBeUndefined();
  await first.run('Remove-PSSession -Name ITTask');
});

test('a session that another client holds is entered only by force', async () => {
  await first.run('New-PSSession -Name held');
  await second.run('Get-PSSession localhost -Name held');
  const [session] = await second.remoting.querySessions('localhost');
  const line = `Connect-PSSession localhost -InstanceId ${session?.InstanceId}`;
  expect((await second.run(line)).errors).toHaveLength(1);
  expect(await second.rows(`${line} -Force`)).toHaveLength(1);
  // The one that held it is told by an event.
  await expect.poll(() => first.rows('Get-PSSession')).toEqual(['1 held localhost Disconnected default Busy']);
  expect((await first.run('Enter-PSSession -Name held')).errors).toEqual([
    expect.stringMatching(
      /^Enter-PSSession : The PSSession is in a disconnected state and is not available for connection\. Session held is held by \S+ at .*: use -Force to take it$/u,
    ),
  ]);
  expect(await first.run('Enter-PSSession -Name held -Force')).toEqual({ output: [], errors: [] });
  expect(first.host.entered?.State).toBe('Opened');
  await first.run('Exit-PSSession; Remove-PSSession -Name held');
});

test('a session whose holder has been silent for long is connected without force, though the list still shows it held', async () => {
  await first.run('New-PSSession -Name orphan');
  const [held] = first.remoting.sessions;
  // As a kill does: the link goes without a goodbye.
  (await first.remoting.connection('localhost')).close();
  const linked = async (): Promise<boolean | undefined> => {
    const sessions = await second.remoting.querySessions('localhost');
    return sessions.find(({ InstanceId }) => InstanceId === held?.InstanceId)?.info.holder?.linked;
  };
  await expect.poll(linked).toBe(false);
  expect(await second.rows('Get-PSSession localhost')).toEqual(['1 orphan localhost Disconnected default Busy']);
  expect(await second.rows('Connect-PSSession localhost -Name orphan')).toEqual([
    '1 orphan localhost Opened default Available',
  ]);
  await second.run('Remove-PSSession -Name orphan');
});

test('what became of a session elsewhere while it was disconnected here is shown', async () => {
  await first.run('New-PSSession -Name away; Disconnect-PSSession -Name away');
  expect(await second.rows('Connect-PSSession localhost -Name away')).toHaveLength(1);
  expect(await first.rows('Get-PSSession')).toEqual(['1 away localhost Disconnected default Busy']);
  await second.run('Disconnect-PSSession -Name away');
  expect(await first.rows('Get-PSSession -Name away')).toEqual(['1 away localhost Disconnected default None']);
  await second.run('Remove-PSSession -Name away');
  expect(await first.rows('Get-PSSession')).toEqual(['1 away localhost Closed default None']);
  await first.run('Remove-PSSession -Id 1');
});

test('a name that no session can have is refused with the rule', async () => {
  expect((await first.run('New-PSSession -Name "a`tb"')).errors).toEqual([
    expect.stringContaining(
      'A session cannot be named "a\\tb": a name has 1 to 255 characters, none of them a control character',
    ),
  ]);
});

test("a configuration that is not there is refused in PowerShell's words", async () => {
  expect((await first.run('New-PSSession -ConfigurationName nosuch')).errors).toEqual([
    '[localhost] Connecting to remote server localhost failed with the following error message : The WS-Management service cannot process the request. Cannot find the nosuch session configuration in the WSMan: drive on the localhost computer. For more information, see the about_Remote_Troubleshooting Help topic.',
  ]);
});

test('a host without prompts refuses to enter', async () => {
  first.host.canEnter = false;
  expect((await first.run('Enter-PSSession localhost')).errors).toEqual([
    'Enter-PSSession : The host does not support Enter-PSSession and Exit-PSSession.',
  ]);
  expect(await first.rows('Get-PSSession -ComputerName localhost')).toEqual([]);
});
