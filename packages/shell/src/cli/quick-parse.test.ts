import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toShellText, type CliCommand } from './cli-command.ts';
import { parseArguments } from './parse-arguments.ts';
import { quickParse } from './quick-parse.ts';

const LINES: [string[], CliCommand][] = [
  [[], { kind: 'repl' }],
  [['run', 'srv1', '--', 'df -h'], { kind: 'run', hosts: ['srv1'], text: 'df -h', terminal: false }],
  [
    ['run', '-t', 'a,b', '--', 'ls', '-l', 'a b'],
    { kind: 'run', hosts: ['a', 'b'], text: "ls -l 'a b'", terminal: true },
  ],
  [['run', 'a', '--', '--help'], { kind: 'run', hosts: ['a'], text: '--help', terminal: false }],
  [['run', 'a', '--', '007'], { kind: 'run', hosts: ['a'], text: '007', terminal: false }],
  [['-c', 'Get-PSSession'], { kind: 'command', text: 'Get-PSSession' }],
  [['--version'], { kind: 'version' }],
  [['deploy.hf', '-Name', 'a b', '--help'], { kind: 'file', path: 'deploy.hf', words: ['-Name', 'a b', '--help'] }],
  [['./run'], { kind: 'file', path: './run', words: [] }],
  [['-', 'x'], { kind: 'file', path: '-', words: ['x'] }],
];

const OTHERS: [string[], CliCommand][] = [
  [['enter', 'srv1'], { kind: 'enter', host: 'srv1', name: undefined, take: false, watch: false }],
  [
    ['enter', 'srv1', '--name', 'build', '--take'],
    { kind: 'enter', host: 'srv1', name: 'build', take: true, watch: false },
  ],
  [
    ['enter', 'srv1', '--name', 'build', '--watch'],
    { kind: 'enter', host: 'srv1', name: 'build', take: false, watch: true },
  ],
  [['sessions'], { kind: 'sessions', hosts: [], json: false }],
  [['sessions', 'a', 'b', '--json'], { kind: 'sessions', hosts: ['a', 'b'], json: true }],
  [['disconnect', 'a', '42'], { kind: 'disconnect', host: 'a', name: '42' }],
  [['stop', 'a', 'build'], { kind: 'stop', host: 'a', name: 'build' }],
  [['doctor', 'a'], { kind: 'doctor', host: 'a' }],
];

describe('the command line', () => {
  test.each(LINES)('quickParse(%j)', (args, command) => expect(quickParse(args)).toEqual(command));
  test.each([...LINES, ...OTHERS])('parseArguments(%j)', async (args, command) =>
    expect(await parseArguments(args)).toEqual(command),
  );
  test.each(OTHERS)('quickParse(%j) leaves it to yargs', (args) => expect(quickParse(args)).toBeUndefined());

  test.each([
    [['run', 'a']],
    [['run']],
    [['enter']],
    [['-x']],
    [['stop', 'a']],
    [['--nosuch']],
    [['sessions', '--nosuch']],
  ])('%j is refused', async (args) => {
    expect(quickParse(args)).toBeUndefined();
    expect(await parseArguments(args)).toMatchObject({
      kind: 'answer',
      status: 2,
      text: expect.stringContaining('holdfast: ') as string,
    });
  });

  test.each([
    [['enter', '--bogus', 'H'], 'Unknown argument: bogus'],
    [['stop', '--bogus', 'a', 'b'], 'Unknown argument: bogus'],
    [['run', '--bogus', 'H', '--', 'ls'], 'Unknown argument: bogus'],
    [['-c', 'a', '-c', 'b'], '-c is given more than once'],
    [['enter', 'H', '--name', 'a', '--name=b'], '--name is given more than once'],
    [['enter'], 'Not enough non-option arguments: got 0, need at least 1'],
    [['run', 'H', 'cmd'], "run takes the command behind '--': run HOST -- TEXT"],
    [['run', '-t', 'H', 'ls', '-l'], "run takes the command behind '--': run HOST -- TEXT"],
  ])('%j is refused for what is wrong with it', async (args, message) => {
    expect(quickParse(args)).toBeUndefined();
    expect(await parseArguments(args)).toEqual({
      kind: 'answer',
      status: 2,
      text: `holdfast: ${message}\nTry 'holdfast --help'\n`,
    });
  });

  test('--help tells every command', async () => {
    const answer = await parseArguments(['--help']);
    expect(answer).toMatchObject({ kind: 'answer', status: 0 });
    const text = answer.kind === 'answer' ? answer.text : '';
    for (const name of ['enter', 'run', 'sessions', 'disconnect', 'stop', 'doctor', '-c', '--version', 'FILE'])
      expect(text).toContain(name);
  });
});

test('toShellText() of several words comes out of a shell as the same words', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '').toWellFormed()),
        { minLength: 2, maxLength: 4 },
      ),
      (words) => {
        const text = toShellText(['printf', String.raw`%s\0`, ...words]);
        expect(spawnSync('/bin/sh', ['-c', text], { encoding: 'utf8' }).stdout).toBe(
          words.map((word) => `${word}\0`).join(''),
        );
      },
    ),
    { numRuns: 40 },
  );
});
