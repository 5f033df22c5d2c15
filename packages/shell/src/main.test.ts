import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { LocalMachine, type ProgramEnd } from './cli/testing/local-machine.ts';

const machine = new LocalMachine();
afterAll(() => machine[Symbol.asyncDispose]());

function holdfast(...args: string[]): Promise<ProgramEnd> {
  return machine.holdfast(args);
}

/** Rows without their padding. */
function rows(stdout: string): string[] {
  const lines = stdout.split('\n').map((line) => line.replaceAll(/ +/gu, ' ').trim());
  return lines.filter((line) => /^\d/u.test(line));
}

describe('holdfast -c', () => {
  test.concurrent.each([
    ['echo out; echo err >&2; exit 3', { status: 3, stdout: 'out\n', stderr: 'err\n' }],
    ['exit 0', { status: 0, stdout: '', stderr: '' }],
    ['kill -9 $$', { status: 137 }],
    ['test -t 0 || test -t 1 || echo no terminal', { status: 0, stdout: 'no terminal\n' }],
    ['x=$(printf "a b"); echo "$x" | tr a c', { status: 0, stdout: 'c b\n' }],
    ['Get-PSSession', { status: 0, stdout: '', stderr: '' }],
    ['Get-PSSession; exit 7', { status: 7 }],
    [
      'Get-PSSession -Id 5',
      { status: 1, stdout: '', stderr: 'Get-PSSession : The remote session with the session ID 5 is not available.\n' },
    ],
    ['Get-PSSession -Id 5; Get-PSSession', { status: 1 }],
    ['Get-PSSession -Id 5; exit 0', { status: 0 }],
    ['Get-PSSession |', { status: 1, stderr: 'Get-PSSession |\n               ^\nA command behind | is missing\n' }],
    [
      'Enter-PSSession localhost',
      { status: 1, stderr: 'Enter-PSSession : The host does not support Enter-PSSession and Exit-PSSession.\n' },
    ],
  ])('%s', async (text, expected) => {
    expect(await holdfast('-c', text)).toMatchObject(expected);
  });

  test('asks on a terminal, in the words of PowerShell', async () => {
    const { stdout } = await machine.holdfastOnTerminal(
      ['-c', 'New-PSSession -Name a; Remove-PSSession -Name a -Confirm; Get-PSSession'],
      { prompt: '(default is "Y"): ', keys: 'n\r' },
    );
    expect(stdout.replaceAll('\r', '')).toContain(
      'Confirm\nAre you sure you want to perform this action?\nPerforming the operation "Remove" on target "localhost".\n[Y] Yes  [A] Yes to All  [N] No  [L] No to All  [S] Suspend  [?] Help (default is "Y"): ',
    );
    expect(rows(stdout)).toEqual(['1 a localhost Opened default Available', '1 a localhost Opened default Available']);
  });

  test('passes standard input on', async () => {
    expect(await machine.holdfast(['-c', 'wc -c'], { input: 'x'.repeat(100_000) })).toMatchObject({
      stdout: '100000\n',
    });
  });

  test('the end of the text closes idle sessions, and says so', async () => {
    const { status, stdout, stderr } = await holdfast('-c', 'New-PSSession -ComputerName localhost -Name idle');
    expect({ status, stderr }).toEqual({ status: 0, stderr: 'idle on localhost is closed\n' });
    expect(rows(stdout)).toEqual(['1 idle localhost Opened default Available']);
    expect(rows((await holdfast('-c', 'Get-PSSession localhost')).stdout)).toEqual([]);
  });

  test('a disconnected session is there for the next one', async () => {
    await holdfast('-c', 'New-PSSession -ComputerName localhost -Name a; Disconnect-PSSession -Name a');
    expect(rows((await holdfast('-c', 'Get-PSSession localhost -Name a')).stdout)).toEqual([
      '1 a localhost Disconnected default None',
    ]);
    const { status, stdout } = await holdfast('-c', 'Connect-PSSession localhost -Name a; Remove-PSSession -Name a');
    expect({ status, rows: rows(stdout) }).toEqual({ status: 0, rows: ['1 a localhost Opened default Available'] });
  });
});

describe('holdfast FILE', () => {
  /** Runs a file with such lines. */
  async function file(lines: readonly string[], ...words: string[]): Promise<ProgramEnd> {
    const path = join(machine.home, 'a file');
    writeFileSync(path, lines.join('\n'));
    const end = await holdfast(path, ...words);
    return { ...end, stderr: end.stderr.replaceAll(path, 'FILE') };
  }

  test.each<[lines: string[], words: string[], expected: Partial<ProgramEnd>]>([
    [
      ['#!/usr/bin/env holdfast', '\uFEFF'.slice(1), '$args -join "|"; $args.Count'],
      ['a b', '-x', '5'],
      { status: 0, stdout: 'a b|-x|5\n3\n' },
    ],
    [['param([int]$n, $name = "x")', '$n + 1; $name; $args'], ['-Name', 'y', '4', 'z'], { stdout: '5\ny\nz\n' }],
    [['foreach ($n in 1..2) {', '  $n', '}', 'function f {', '  "f$args"', '}', 'f 3'], [], { stdout: '1\n2\nf3\n' }],
    [
      ['$x = echo a b', '$x; echo "c $x"', 'ls /nonexistent-x 2> /dev/null', 'exit 4'],
      [],
      { status: 4, stdout: 'a b\nc a b\n' },
    ],
    [['false'], [], { status: 1, stderr: '' }],
    [['true', "throw 'bad'", "'never'"], [], { status: 1, stdout: '', stderr: 'FILE:2: bad\n' }],
    [["try { throw 'bad' } catch { 'good' }"], [], { status: 0, stdout: 'good\n', stderr: '' }],
    [
      ["'on'", 'function f {', '  Get-PSSession -Id 5', '}', 'if (1) {', '', '  $null[0]', '}', 'f'],
      [],
      {
        status: 1,
        stdout: 'on\n',
        stderr:
          'FILE:7: Cannot index into a null array.\nFILE:3: Get-PSSession : The remote session with the session ID 5 is not available.\n',
      },
    ],
    [
      ["'never'", '', 'class A {', '}'],
      [],
      { status: 1, stdout: '', stderr: 'FILE:3:\nclass A {\n^^^^^\nclass is not in this version\n' },
    ],
    [
      ['param([int]$n)', '$n'],
      ['x'],
      { status: 1, stdout: '', stderr: expect.stringMatching(/^FILE:1: .*x/u) as string },
    ],
    [
      ['Get-Alias gsn | ForEach-Object {', '', '  $_.Definition', '}', 'return', '1'],
      [],
      { status: 0, stdout: 'Get-PSSession\n' },
    ],
    [['$PSScriptRoot -eq $HOME'], [], { stdout: 'True\n' }],
  ])('%j %j', async (lines, words, expected) => expect(await file(lines, ...words)).toMatchObject(expected));

  test('- is standard input', async () => {
    expect(await machine.holdfast(['-', 'x'], { input: '"in $args"\nexit 3\n' })).toEqual({
      status: 3,
      stdout: 'in x\n',
      stderr: '',
    });
  });

  test('a file that is not there, and a folder', async () => {
    expect(await holdfast('nosuch')).toEqual({
      status: 2,
      stdout: '',
      stderr: "holdfast: there is no command or file nosuch; try 'holdfast --help'\n",
    });
    expect(await holdfast('/')).toMatchObject({ status: 2, stderr: 'holdfast: / is a folder\n' });
  });
});

describe('holdfast run', () => {
  test.concurrent.each([
    [['echo out; echo err >&2; exit 5'], { status: 5, stdout: 'out\n', stderr: 'err\n' }],
    [['printf', '%s|', 'a b', "it's", '$HOME'], { status: 0, stdout: "a b|it's|$HOME|" }],
    [['kill -TERM $$'], { status: 143 }],
    [['test -t 0 || test -t 1 || echo no terminal'], { status: 0, stdout: 'no terminal\n' }],
    [[String.raw`printf '\377\000\n'`], { status: 0 }],
  ])('localhost -- %j', async (words, expected) =>
    expect(await holdfast('run', 'localhost', '--', ...words)).toMatchObject(expected),
  );

  test('passes standard input on, and much output back', async () => {
    const input = '0123456789abcde\n'.repeat(100_000);
    expect((await machine.holdfast(['run', 'localhost', '--', 'cat'], { input })).stdout === input).toBe(true);
  });

  test('on several hosts, names each line and sums up the failures', async () => {
    const { status, stdout, stderr } = await machine.holdfast(
      ['run', 'localhost,127.0.0.1:1,.', '--', 'read x; echo $x; echo err >&2; exit 3'],
      { input: 'in\n' },
    );
    expect(status).toBe(255);
    expect(stdout.split('\n').toSorted()).toEqual(['', '.: in', 'localhost: in']);
    expect(stderr).toContain('localhost: err\n');
    expect(stderr).toContain('holdfast: 3 of 3 hosts failed\n');
    expect(stderr).toContain('  .: exit status 3\n');
    expect(stderr).toMatch(/^ {2}127\.0\.0\.1:1: .+$/mu);
  });

  test('without a connection ends with 255 and one line', async () => {
    const { status, stdout, stderr } = await holdfast('run', '127.0.0.1:1', '--', 'true');
    expect({ status, stdout }).toEqual({ status: 255, stdout: '' });
    expect(stderr).toMatch(/^holdfast: 127\.0\.0\.1:1: .+\n$/u);
  });

  test('stops the command when nobody reads its output, and ends as by SIGPIPE', async () => {
    expect(await machine.script('holdfast run localhost -- yes | head -n 1; echo ${PIPESTATUS[0]}')).toBe('y\n141\n');
    expect(await machine.script('holdfast run localhost,. -- yes | head -n 0; echo ${PIPESTATUS[0]}')).toBe('141\n');
  });

  test('says so when its output cannot be written', async () => {
    expect(await machine.script('exec 2>&1; holdfast -c Get-Command > /dev/full; echo $?')).toMatch(
      /^holdfast: standard output cannot be written: ENOSPC.*\n1\n$/u,
    );
  });

  test('on a signal interrupts the command and ends with 128 + n', async () => {
    const child = machine.start(['run', 'localhost', '--', 'echo $$; exec sleep 100']);
    const [pid] = (await once(child.stdout, 'data')) as [Buffer];
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
  });

  test('-t gives the command a terminal, and this one is tied to it', async () => {
    const text = 'stty size; test -t 0 -a -t 1 -a -t 2 && read -p "name: " x; echo "got $x"; exit 3';
    const { status, stdout } = await machine.holdfastOnTerminal(['run', '-t', 'localhost', '--', text], {
      prompt: 'name: ',
      keys: 'bob\r',
    });
    expect(stdout).toMatch(/^24 80\r\nname: bob\r\ngot bob\r\n/mu);
    expect(status).toBe(3);
  });

  test('-t passes Ctrl-C on', async () => {
    const command = ['run', '-t', 'localhost', '--', `bash -c 'echo begun; exec cat'; echo not reached`];
    const { status, stdout } = await machine.holdfastOnTerminal(command, { prompt: 'begun', keys: '\x03' });
    expect(stdout).not.toContain('not reached');
    expect(status).toBe(130);
  });

  test('-t leaves a program running that nobody could continue after Ctrl-Z', async () => {
    const command = ['run', '-t', 'localhost', '--', `sh -c 'echo begun; read x; echo "got $x"'; echo 'it'"'s over"`];
    const { status, stdout } = await machine.holdfastOnTerminal(command, { prompt: 'begun', keys: '\x1abob\r' });
    expect(stdout).toMatch(/\r\ngot bob\r\nit's over\r\n$/);
    expect(status).toBe(0);
  });

  test('-t without a terminal runs without one', async () => {
    expect(await holdfast('run', '-t', 'localhost', '--', 'echo hi')).toEqual({
      status: 0,
      stdout: 'hi\n',
      stderr: 'holdfast: this is no terminal, so the command runs without one\n',
    });
  });
});

describe('holdfast sessions, disconnect, stop', () => {
  test('list, detach and end a session', async () => {
    await holdfast('-c', 'New-PSSession localhost -Name s1; Disconnect-PSSession -Name s1');
    expect(rows((await holdfast('sessions')).stdout)).toEqual(['1 s1 localhost Disconnected default None']);
    const sessions: unknown = JSON.parse((await holdfast('sessions', 'localhost', '--json')).stdout);
    expect(sessions).toEqual([
      expect.objectContaining({
        Name: 's1',
        ComputerName: 'localhost',
        State: 'Disconnected',
        Availability: 'None',
        Command: null,
      }),
    ]);
    expect((await holdfast('disconnect', 'localhost', 's1')).stdout).toMatch(/^s1 on localhost goes on until .+\n$/u);
    expect(await holdfast('stop', 'localhost', 's1')).toEqual({
      status: 0,
      stdout: 's1 on localhost is stopped\n',
      stderr: '',
    });
    expect(await holdfast('stop', 'localhost', 's1')).toMatchObject({
      status: 255,
      stderr: 'holdfast: localhost has no session s1\n',
    });
    expect(await holdfast('sessions', '--json')).toMatchObject({ status: 0, stdout: '[]\n' });
  });

  test('a host that does not answer is told, the others are listed', async () => {
    const { status, stdout, stderr } = await holdfast('sessions', 'localhost', '127.0.0.1:1', '--json');
    expect({ status, stdout }).toEqual({ status: 255, stdout: '[]\n' });
    expect(stderr).toMatch(/^holdfast: 127\.0\.0\.1:1: .+\n$/u);
  });
});

describe('holdfast doctor', () => {
  test('finds nothing wrong with this machine', async () => {
    const { status, stdout } = await holdfast('doctor', 'localhost');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ok {4}configuration .*\nok {4}agent .*\nok {4}session host .*\n$/u);
  });

  test('says which step fails and what to do', async () => {
    const { status, stdout } = await holdfast('doctor', '127.0.0.1:1');
    expect(status).toBe(1);
    expect(stdout).toMatch(/^FAIL {2}reach .*ECONNREFUSED.*\n +is holdfast-agent serve running there/mu);
  });

  test('finds a broken configuration', async () => {
    const folder = join(machine.home, 'broken');
    mkdirSync(folder);
    writeFileSync(join(folder, 'config.toml'), '[hosts.a]\nurl = 5\n');
    const { status, stdout } = await machine.holdfast(['doctor', 'a'], {
      environment: { HOLDFAST_CONFIG_DIR: folder },
    });
    expect(status).toBe(1);
    expect(stdout).toContain(`FAIL  configuration  ${join(folder, 'config.toml')}: `);
  });
});

test('the prompt refuses to open without a terminal', async () => {
  for (const args of [[], ['enter', 'localhost']]) {
    const { status, stderr } = await holdfast(...args);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: "holdfast: the prompt needs a terminal: use -c 'TEXT', or run HOST -- TEXT\n",
    });
  }
});

test('--version and errors of the command line', async () => {
  expect(await holdfast('--version')).toMatchObject({ status: 0, stdout: 'holdfast 0.1.0 (dev)\n' });
  expect(await holdfast('run', 'localhost')).toEqual({
    status: 2,
    stdout: '',
    stderr: "holdfast: run needs a command: run HOST -- TEXT\nTry 'holdfast --help'\n",
  });
});
