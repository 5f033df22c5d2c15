import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from './parser.ts';
import type { CommandElement, Expression } from './syntax-tree.ts';

function valueOf(expression: Expression): unknown {
  switch (expression.kind) {
    case 'array':
      return expression.items.map(valueOf);
    case 'variable':
      return `$${expression.name}`;
    default:
      return expression.value;
  }
}

function show(element: CommandElement): unknown {
  if (element.kind !== 'parameter') return valueOf(element);
  return element.argument === undefined ? `-${element.name}` : { [element.name]: valueOf(element.argument) };
}

function read(text: string): unknown[] {
  const { script, errors } = parse(text);
  expect(errors).toEqual([]);
  return script.statements.map((statement) => {
    if (statement.kind === 'exit')
      return ['exit', ...(statement.status === undefined ? [] : [valueOf(statement.status)])];
    return statement.commands.flatMap((command) => [command.name.value, ...command.elements.map(show)]);
  });
}

function failure(text: string): { message: string; at: string; incomplete: boolean } {
  const [error] = parse(text).errors;
  if (error === undefined) throw new Error(`${text} has no error`);
  return { message: error.message, at: text.slice(error.span.from, error.span.to), incomplete: error.incomplete };
}

describe('parse() reads a command', () => {
  test.each<[string, unknown[]]>([
    ['Get-PSSession', ['Get-PSSession']],
    ['  Get-PSSession  ', ['Get-PSSession']],
    [
      'New-PSSession -ComputerName srv1, srv2 -Name ITTask',
      ['New-PSSession', '-ComputerName', ['srv1', 'srv2'], '-Name', 'ITTask'],
    ],
    ['New-PSSession srv1 ,srv2,\n srv3', ['New-PSSession', ['srv1', 'srv2', 'srv3']]],
    ['Remove-PSSession -Id 1, 2 -Confirm:$false', ['Remove-PSSession', '-Id', [1, 2], { Confirm: '$false' }]],
    ['a -Name: x -Other', ['a', { Name: 'x' }, '-Other']],
    ['a -Name:x,y', ['a', { Name: ['x', 'y'] }]],
    ['a \'it\'\'s\' "say ""hi"""', ['a', "it's", 'say "hi"']],
    ["a '`n$x'", ['a', '`n$x']],
    ['a "tab`tnew`nquote`"dollar`$x`u{1F600}"', ['a', 'tab\tnew\nquote"dollar$x😀']],
    ['a x`ty x` y', ['a', 'x\ty', 'x y']],
    ['a pre"in side"post', ['a', 'prein sidepost']],
    ['a “curly” ‘too’ –Name', ['a', 'curly', 'too', '-Name']],
    ['a 1 -2 1.5 0x1F 10MB 1e3 1.2.3 5abc', ['a', 1, -2, 1.5, 31, 10 * 1024 * 1024, 1000, '1.2.3', '5abc']],
    ['a -- -Name x', ['a', '-Name', 'x']],
    [
      'a --long user@host https://h:1/x?y=1 ~/x *.txt [ab]*',
      ['a', '--long', 'user@host', 'https://h:1/x?y=1', '~/x', '*.txt', '[ab]*'],
    ],
    ['a 60*60*15', ['a', '60*60*15']],
    ['a x # comment', ['a', 'x']],
    ['a x#y <# between #> z', ['a', 'x#y', 'z']],
    ['a x `\n y `\r\n z', ['a', 'x', 'y', 'z']],
    ['a "$ 5$"', ['a', '$ 5$']],
  ])('%s', (text, command) => expect(read(text)).toEqual([command]));

  test('several statements, by semicolon and line', () => {
    expect(read('a x; b\r\n\n;c # end\nd')).toEqual([['a', 'x'], ['b'], ['c'], ['d']]);
  });

  test('exit with and without a number', () => {
    expect(read('exit')).toEqual([['exit']]);
    expect(read('a; EXIT 3')).toEqual([['a'], ['exit', 3]]);
  });

  test('nothing', () => expect(read(' \n;; # only a comment')).toEqual([]));

  test('positions of every node', () => {
    const text = 'Get-X -Id 1, 2 b';
    const [statement] = parse(text).script.statements;
    if (statement?.kind !== 'pipeline') throw new Error('no pipeline');
    const elements = statement.commands[0]?.elements ?? [];
    expect(elements.map((element) => text.slice(element.from, element.to))).toEqual(['-Id', '1, 2', 'b']);
  });
});

describe('parse() points at what it refuses', () => {
  test.each([
    ['Get-PSSession | Remove-PSSession', '|', 'Pipelines are not in this version'],
    ['Get-PSSession -Name $x', '$x', 'Variables are not in this version, but for $true, $false and $null'],
    ['Get-PSSession -Name $true.x', '$true', 'Variables are not in this version, but for $true, $false and $null'],
    ['Get-PSSession -Name "a $x"', '$', 'Variables in strings are not in this version: use single quotes, or `$'],
    ['Get-PSSession (1)', '(', 'Expressions are not in this version'],
    ['a { b }', '{', 'Script blocks are not in this version'],
    ['a > file', '>', 'Redirections are not in this version'],
    ['a && b', '&', 'Chains and background commands are not in this version'],
    ['a @x', '@', 'Splatting, @( ), @{ } and here-strings are not in this version'],
    ['a )', ')', ') is not expected here'],
    ['a , b', ',', ', is not expected here'],
    ['1 + 1', '1', 'Expressions are not in this version: a line begins with a command'],
    ["'text'", "'text'", 'Expressions are not in this version: a line begins with a command'],
    ['exit 1 2', '2', 'exit takes one number'],
    ['exit -Force', '-Force', 'exit takes a number'],
  ])('%s', (text, at, message) => expect(failure(text)).toEqual({ at, message, incomplete: false }));

  test.each([
    ["a 'open", "The string has no closing '"],
    ['a "open', 'The string has no closing "'],
    ['a 1,', 'A value is missing'],
    ['a -Name:', 'A value is missing'],
    ['a <# open', 'The comment has no closing #>'],
  ])('%s asks for more', (text, message) => expect(failure(text)).toMatchObject({ message, incomplete: true }));
});

describe('parse() on any text', () => {
  const pieces = [
    'a',
    '-x',
    '-x:',
    ':',
    ' ',
    '\n',
    '\r\n',
    '`',
    "'",
    '"',
    '“',
    '’',
    '$',
    '$true',
    '${',
    ',',
    ';',
    '|',
    '#',
    '<#',
    '#>',
    '--',
    '1',
    '0x',
    '(',
    '}',
    '@',
    'exit',
    '\0',
    '😀',
  ];
  const text = fc.oneof(
    fc.string({ maxLength: 60, unit: 'binary' }),
    fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join('')),
  );

  test('ends, throws nothing and keeps positions inside the text', () => {
    fc.assert(
      fc.property(text, (input) => {
        const { script, errors } = parse(input);
        for (const error of errors) expect(error.span.from).toBeLessThanOrEqual(input.length);
        for (const statement of script.statements) {
          expect(statement.from).toBeGreaterThanOrEqual(0);
          expect(statement.to).toBeLessThanOrEqual(input.length);
        }
      }),
      { numRuns: 5000 },
    );
  });

  test('gives back every value that was quoted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (value) => {
        const quoted = `'${value.replaceAll(/['\u2018\u2019\u201a\u201b]/gu, '$&$&')}'`;
        const { script, errors } = parse(`a ${quoted}`);
        expect(errors).toEqual([]);
        const [statement] = script.statements;
        expect(statement?.kind === 'pipeline' && statement.commands[0]?.elements[0]).toMatchObject({
          kind: 'string',
          value,
        });
      }),
    );
  });

  test('takes time in proportion to its length', () => {
    const start = performance.now();
    parse('a "b`n" -c:d,e '.repeat(20_000));
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
