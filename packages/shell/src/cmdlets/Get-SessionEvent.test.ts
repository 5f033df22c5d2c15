import { userInfo } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LocalMachine } from '../cli/testing/local-machine.ts';
import { TestClient } from './testing/test-client.ts';

const machine = new LocalMachine();
const client = new TestClient(machine.environment);
const run = (line: string): ReturnType<TestClient['run']> => client.run(line);
const user = userInfo().username;

beforeAll(async () => {
  await run('$s = New-PSSession -Name build; $t = New-PSSession -Name other');
  await run('Invoke-Command $s { echo one; exit_code() { return 3; }; exit_code }');
  await run('Invoke-Command -ComputerName localhost { true }');
  await run('Remove-PSSession $t');
});

afterAll(async () => {
  await client.remoting.goodbyeAll();
  await machine[Symbol.asyncDispose]();
});

test('the record of this machine as a table, oldest first', async () => {
  const { output, errors } = await run('Get-SessionEvent -SessionId 1');
  expect(errors).toEqual([]);
  expect(output[0]).toBe('Time Type User SessionId Client Detail');
  const rows = output.slice(2).map((line) => line.split(' '));
  const types = rows.map((words) => words.find((word) => word.includes('.') && !/\d/u.test(word)));
  expect(types.slice(0, 2)).toEqual(['session.opened', 'command.started']);
  expect(output[2]).toContain(`session.opened ${user} 1 `);
  expect(output[2]).toMatch(/build; default$/u);
});

test('filters by session, type, time and number', async () => {
  expect((await run('(Get-SessionEvent -Type exec).Type')).output).toEqual(['exec.started', 'exec.ended']);
  expect((await run('(Get-SessionEvent -Type session.*).SessionName')).output).toEqual([
    'build',
    'other',
    'other',
    'other',
  ]);
  expect((await run('($t | Get-SessionEvent).Type')).output).toEqual([
    'session.opened',
    'session.stopped',
    'session.exited',
  ]);
  expect((await run('(Get-SessionEvent -Newest 1).Type')).output).toEqual(['session.exited']);
  expect((await run("Get-SessionEvent -Before '2001-01-01'")).output).toEqual([]);
  expect((await run("(Get-SessionEvent -After '2001-01-01' -MaxEvents 2).Count")).output).toEqual(['2']);
  expect((await run('(Get-SessionEvent -Type exec.ended).ExitStatus')).output).toEqual(['0']);
});

test('a type that is unknown is refused, and the known ones are named', async () => {
  for (const word of ['comands', 'client.refuse', 'session.*x', 'exec.']) {
    const { output, errors } = await run(`Get-SessionEvent -Type exec, '${word}'`);
    expect(output).toEqual([]);
    expect(errors).toEqual([
      expect.stringMatching(/: There is no type of events .*command, exec,.*session\.opened, .*record\.rotated$/u),
    ]);
    expect(errors[0]).toContain(`no type of events ${word}.`);
  }
  expect((await run('(Get-SessionEvent -Type EXEC.*ed, *.refused).Type')).output).toEqual([
    'exec.started',
    'exec.ended',
  ]);
});

test('the events of others are refused, and a host that is not there is an error', async () => {
  const refused = await run('Get-SessionEvent -UserName nobody-else');
  expect(refused.errors.join(' ')).toContain(`The events of nobody-else are not for ${user}`);
  const missing = await run('Get-SessionEvent -ComputerName 127.0.0.1:1');
  expect(missing.errors.join(' ')).toContain('Connecting to remote server 127.0.0.1');
});
