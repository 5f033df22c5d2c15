import { beforeEach, describe, expect, test } from 'vitest';
import { sessionFixture } from '@holdfast/protocol/testing';
import { HostsFile } from '../client/hosts.ts';
import { PSSession } from '../client/ps-session.ts';
import { Remoting } from '../client/remoting.ts';
import { defineCmdlet } from './cmdlet.ts';
import { CommandTable } from './command-table.ts';
import { ErrorRecord } from './error-record.ts';
import { arrayOf, string } from './parameter-type.ts';
import { Runspace } from './runspace.ts';
import { RecordingHost } from './testing/recording-host.ts';

const fallible = defineCmdlet({
  name: 'Test-Fallible',
  synopsis: 'Fails for names that begin with bad, ends at those that begin with worst.',
  acts: 'agent',
  supportsShouldProcess: true,
  parameters: { Name: { type: arrayOf(string), position: 0, mandatory: true, help: 'Names.' } },
  examples: [],
  async *process({ Name }, { writeError, shouldProcess, writeVerbose, writeWarning }) {
    for (const name of Name) {
      writeVerbose(`at ${name}`);
      if (name.startsWith('worst')) throw new Error(`${name} cannot be`);
      if (name.startsWith('bad')) await writeError(new ErrorRecord('Bad', 'InvalidArgument', `${name} is bad`));
      else if (name.startsWith('odd')) writeWarning(`${name} is odd`);
      else if (await shouldProcess(name)) yield name;
    }
  },
});

const onClient = defineCmdlet({
  name: 'Get-Content',
  synopsis: 'Acts on this machine.',
  acts: 'client',
  parameters: {},
  examples: [],
  async *process() {
    yield await Promise.resolve('content');
  },
});

const waiting = defineCmdlet({
  name: 'Wait-Forever',
  synopsis: 'Waits until it is stopped.',
  acts: 'agent',
  parameters: {},
  examples: [],
  async *process(_parameters, { signal }) {
    yield 'begun';
    await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
  },
});

const table = new CommandTable({
  'Test-Fallible': () => Promise.resolve({ default: fallible }),
  'Get-Content': () => Promise.resolve({ default: onClient }),
  'Wait-Forever': () => Promise.resolve({ default: waiting }),
  'Get-Broken': () => Promise.resolve({}),
  'Get-PSSession': () => Promise.reject(new Error('never loaded here')),
});

let host = new RecordingHost();
let runspace = new Runspace({ remoting: new Remoting({ hosts: new HostsFile() }), host, commands: table });

beforeEach(() => {
  host = new RecordingHost();
  runspace = new Runspace({ remoting: new Remoting({ hosts: new HostsFile() }), host, commands: table });
});

async function run(line: string): Promise<{ output: string[]; errors: string[]; status: number }> {
  await runspace.run(line, new AbortController().signal);
  return { ...host.take(), status: runspace.lastStatus };
}

describe('Runspace.owns()', () => {
  test.each([
    'Test-Fallible',
    'test-fallible a',
    ' Test-Fallible\t',
    'gsn',
    'GSN;',
    'Get-PSSession|x',
    'Get-PSSession',
    'Test-Fallibl',
    "'gsn'",
    '$x = gsn',
  ])('%s is ours', (line) => {
    expect(runspace.owns(line)).toBe(true);
  });

  test.each(['', 'ls', 'gsn2', 'gsn=1', './gsn', 'gsn.sh', 'echo gsn', 'exit', 'Get-PSSession-Old'])(
    "%j is the shell's",
    (line) => {
      expect(runspace.owns(line)).toBe(false);
    },
  );
});

test('Runspace.endOfFirst() is nowhere for what asks for the next line', () => {
  const lines = ['gsn -Name "a', 'gsn -Id 1,', 'gsn `', 'gsn <# a', 'gsn', 'gsn |', 'gsn )'];
  expect(lines.map((line) => runspace.endOfFirst(line) === undefined)).toEqual([
    true,
    true,
    true,
    true,
    false,
    true,
    false,
  ]);
});

describe('Runspace.run()', () => {
  test('goes on after an error record and keeps it', async () => {
    expect(await run('Test-Fallible a, bad1, b')).toEqual({
      output: ['a', 'b'],
      errors: ['Test-Fallible : bad1 is bad'],
      status: 1,
    });
    expect(runspace.errors[0]).toMatchObject({ id: 'Bad', category: 'InvalidArgument', cmdlet: 'Test-Fallible' });
    expect(await run('Test-Fallible a')).toMatchObject({ status: 0 });
    expect(runspace.errors).toHaveLength(1);
  });

  test('ends a command at what it throws, and goes on with the next', async () => {
    expect(await run('Test-Fallible a, worst, b; Test-Fallible c')).toEqual({
      output: ['a', 'c'],
      errors: ['Test-Fallible : worst cannot be'],
      status: 1,
    });
  });

  test.each([
    ['SilentlyContinue', { output: ['a', 'b'], errors: [], status: 1 }, 1],
    ['Ignore', { output: ['a', 'b'], errors: [], status: 0 }, 0],
    ['Stop', { output: ['a'], errors: ['Test-Fallible : bad is bad'], status: 1 }, 1],
    ['Inquire', { output: ['a'], errors: ['Test-Fallible : bad is bad'], status: 1 }, 1],
  ])('-ErrorAction %s', async (action, expected, records) => {
    expect(await run(`Test-Fallible a, bad, b -ErrorAction ${action}`)).toEqual(expected);
    expect(runspace.errors).toHaveLength(records);
  });

  test('-ErrorAction Inquire asks where somebody can answer', async () => {
    host.interactive = true;
    host.answers = [0];
    expect(await run('Test-Fallible bad, b -ea Inquire')).toMatchObject({
      output: ['b'],
      errors: ['Test-Fallible : bad is bad'],
    });
    host.answers = [1];
    expect(await run('Test-Fallible bad, b -ea Inquire')).toMatchObject({ output: [] });
  });

  test('warnings and -Verbose', async () => {
    expect((await run('Test-Fallible odd -Verbose')).errors).toEqual(['VERBOSE: at odd', 'WARNING: odd is odd']);
    expect((await run('Test-Fallible odd -WarningAction SilentlyContinue')).errors).toEqual([]);
  });

  test('-WhatIf shows and does nothing', async () => {
    expect(await run('Test-Fallible a, b -WhatIf')).toMatchObject({
      output: [
        'What if: Performing the operation "Test" on target "a".',
        'What if: Performing the operation "Test" on target "b".',
      ],
      status: 0,
    });
  });

  test('-Confirm asks for each target, until an answer is for all', async () => {
    host.interactive = true;
    host.answers = [2, 0, 1];
    expect((await run('Test-Fallible a, b, c, d -Confirm')).output).toEqual(['b', 'c', 'd']);
    expect(host.questions).toHaveLength(3);
    expect(host.questions[0]?.text).toBe(
      'Are you sure you want to perform this action?\nPerforming the operation "Test" on target "a".',
    );
    expect((await run('Test-Fallible a -Confirm:$false')).output).toEqual(['a']);
  });

  test('-Confirm without anybody to ask does nothing, and says so', async () => {
    const { output, errors } = await run('Test-Fallible a -Confirm');
    expect(output).toEqual([]);
    expect(errors).toEqual(['Not done, since nobody can be asked: Performing the operation "Test" on target "a".']);
  });

  test.each([
    ['Test-Fallible a )', ['Test-Fallible a )', '^', ') is not expected here']],
    ['Test-Fallible -Foo', ["Test-Fallible : A parameter cannot be found that matches parameter name 'Foo'."]],
    [
      'Test-Fallible',
      ['Test-Fallible : Cannot process command because of one or more missing mandatory parameters: Name.'],
    ],
    [
      'Test-Fallible a; Test-Falible',
      ["The term 'Test-Falible' is not recognized as the name of a cmdlet. Did you mean Test-Fallible?"],
    ],
    ['Get-Broken', ['The file of Get-Broken exports no cmdlet']],
  ])('%s is an error record', async (line, errors) => {
    expect(await run(line)).toMatchObject({ errors, status: 1 });
    expect(runspace.errors).toHaveLength(1);
  });

  test('exit ends the text with its number', async () => {
    await run('Test-Fallible a; exit 3; Test-Fallible b');
    expect(runspace.exitStatus).toBe(3);
    await run('exit');
    expect(runspace.exitStatus).toBe(0);
  });

  test('an abort stops the command without a message', async () => {
    const stop = new AbortController();
    const done = runspace.run('Wait-Forever; Test-Fallible a', stop.signal);
    await expect.poll(() => host.output).toBe('begun\n');
    stop.abort();
    await done;
    expect(host.take()).toEqual({ output: ['begun'], errors: [] });
    expect(runspace.lastStatus).toBe(130);
  });

  test('at an entered prompt, what acts on this machine is refused', async () => {
    expect((await run('Get-Content')).output).toEqual(['content']);
    await host.enter(entered());
    expect(await run('Get-Content')).toMatchObject({
      output: [],
      errors: ["Get-Content would act on this machine, not on srv1: use srv1's own command, or leave the prompt first"],
      status: 1,
    });
    expect((await run('Test-Fallible a')).output).toEqual(['a']);
  });
});

function entered(): PSSession {
  const origin = { computerName: 'srv1', clientId: '00000000-0000-4000-8000-000000000001', nextId: () => 1 };
  const instanceId = '00000000-0000-4000-8000-000000000002';
  return new PSSession(origin, sessionFixture({ instanceId, name: 'ITTask', createdAt: Date.now() }));
}
