import { describe, expect, test } from 'vitest';
import { CustomObject } from '../runtime/custom-object.ts';
import { ErrorRecord } from '../runtime/error-record.ts';
import { FormattedRow } from '../runtime/formatted-row.ts';
import { Hashtable } from '../runtime/hashtable.ts';
import { ScriptBlock } from '../runtime/script-block.ts';
import { TypeLiteral } from '../runtime/type-literal.ts';
import { formatError, formatParseError } from './error-view.ts';
import { writeOutput } from './output.ts';

function session(id: number, computer: string, extra: object = {}): object {
  return {
    Id: id,
    Name: 'ITTask',
    ComputerName: computer,
    State: 'Opened',
    ConfigurationName: 'default',
    Availability: 'Available',
    ...extra,
  };
}

async function written(results: readonly unknown[], columns?: number): Promise<string> {
  let text = '';
  const stream = async function* (): AsyncGenerator<unknown> {
    for (const result of results) yield await Promise.resolve(result);
  };
  await writeOutput(stream(), (piece) => void (text += piece), columns);
  return text;
}

describe('writeOutput()', () => {
  test('shows sessions in the table of the seeds', async () => {
    expect(await written([session(1, 'srv1'), session(2, 'srv2', { InstanceId: 'x' })])).toBe(`
 Id Name   ComputerName State  ConfigurationName Availability
 -- ----   ------------ -----  ----------------- ------------
  1 ITTask srv1         Opened default           Available
  2 ITTask srv2         Opened default           Available

`);
  });

  test('measures wide characters in cells, and lets no control character through', async () => {
    const text = await written([session(1, '服务器', { Name: 'a\u001b[31m' })]);
    expect(text).toContain('  1 a\ufffd[31m 服务器       Opened');
  });

  test('begins a new table where the kind of object changes', async () => {
    expect(await written(['first', { Name: 'a', Size: 1 }, { Name: 'bb', Size: 22 }, 'last', 5, null, undefined]))
      .toBe(`first

Name Size
---- ----
a       1
bb     22

last
5
`);
  });

  test('shows an object with many properties as a list', async () => {
    expect(await written([{ A: 1, Longer: [1, 'x'], C: true, D: undefined, E: 'e' }])).toBe(`
A      : 1
Longer : {1, x}
C      : True
D      :
E      : e

`);
  });

  test('shows what came before an error', async () => {
    const failing = async function* (): AsyncGenerator<unknown> {
      yield await Promise.resolve({ A: 1 });
      throw new Error('broken');
    };
    let text = '';
    await expect(writeOutput(failing(), (piece) => void (text += piece))).rejects.toThrow('broken');
    expect(text).toContain('A\n-\n1');
  });
});

describe('values', () => {
  test.each<[what: string, value: unknown, text: string]>([
    ['a number', 1.5, '1.5'],
    ['a truth', false, 'False'],
    ['a date', new Date(2026, 0, 2, 3, 4, 5), `${new Date(2026, 0, 2, 3, 4, 5).toLocaleString()}`],
    ['a type', new TypeLiteral('int'), 'int'],
    ['a script block', new ScriptBlock('ls -l'), 'ls -l'],
    ['an error', new ErrorRecord('Bad', 'InvalidArgument', 'No'), 'No'],
    ['a list of lists', [[1, ['a']]], '1\na'],
  ])('%s shows as text', async (_, value, text) => {
    expect(await written([value])).toBe(`${text}\n`);
  });

  test('show in one cell', async () => {
    const cells = {
      A: [1, 2, 3, 4, 5],
      B: new Hashtable([['k', null]]),
      C: 'two\nlines\t',
      D: new CustomObject([['P', 1]]),
    };
    expect(await written([cells])).toBe(`
A             B            C    D
-             -            -    -
{1, 2, 3, 4…} {[k, $null]} two… @{P=1}

`);
  });

  test('a hashtable shows its entries', async () => {
    const tables = [new Hashtable([['a', 1]]), new Hashtable([['bb', 'x']])];
    expect(await written(tables)).toBe(`
Name                           Value
----                           -----
a                              1
bb                             x

`);
  });

  test('what was chosen of a session shows as it was chosen', async () => {
    const text = await written([new CustomObject(Object.entries(session(1, 'srv1')))]);
    expect(text).toMatch(/^\nId +: 1$/mu);
  });
});

describe('tables', () => {
  const rows = [
    new CustomObject([
      ['Id', 1],
      ['Name', 'short'],
      ['Path', '/usr/share/a/long/path'],
    ]),
    new CustomObject([
      ['Id', 12_345],
      ['Name', 'n'],
      ['Path', '服务器服务器服务器服务器'],
    ]),
  ];

  test.each([
    [
      80,
      [
        '   Id Name  Path',
        '   -- ----  ----',
        '    1 short /usr/share/a/long/path',
        '12345 n     服务器服务器服务器服务器',
      ],
    ],
    [24, ['   Id Name  Path', '   -- ----  ----', '    1 short /usr/share/…', '12345 n     服务器服务…']],
    [14, ['   Id Name', '   -- ----', '    1 short', '12345 n']],
    [4, ['  Id', '  --', '   1', '…345']],
  ])('fit in %i cells', async (columns, lines) => {
    expect((await written(rows, columns)).trim().split('\n')).toEqual(
      lines.map((line, index) => (index === 0 ? line.trim() : line)),
    );
  });

  test('have the columns, widths and sides that were asked for', async () => {
    const format = { shape: 'table', hideHeaders: false } as const;
    const row = (size: number, name: string): FormattedRow =>
      new FormattedRow(format, {
        cells: [
          { name: 'Size', value: size, align: 'left', width: 6 },
          { name: 'Name', value: name, align: 'center', width: 6 },
          { name: 'Right', value: name, align: 'right', width: 3 },
        ],
      });
    expect(await written([row(1, 'abc'), row(1_234_567, 'abcdefgh')])).toBe(`
Size    Name  …ht
----    ----  ---
1       abc   abc
12345… abcde… …gh

`);
  });

  test('begin anew where the group changes, and hide their heading', async () => {
    const format = { shape: 'table', hideHeaders: true } as const;
    const row = (value: number): FormattedRow =>
      new FormattedRow(format, { cells: [{ name: 'A', value }] }, { name: 'G', value: value > 1 });
    expect(await written([row(1), row(2), row(3)])).toBe('\n   G: False\n\n1\n\n\n   G: True\n\n2\n3\n\n');
  });

  test('show the properties of the first object', async () => {
    const format = { shape: 'table', hideHeaders: false } as const;
    const objects = [{ A: 1, B: 2, C: 3, D: 4, E: 5 }, { B: 'x' }].map(
      (object) => new FormattedRow(format, { object }),
    );
    expect((await written(objects)).split('\n')).toEqual(['', 'A B C D E', '- - - - -', '1 2 3 4 5', '  x', '', '']);
  });

  test('show rows that come late, in the widths that are there', async () => {
    let text = '';
    const later = Promise.withResolvers<void>();
    const slow = async function* (): AsyncGenerator<unknown> {
      yield { Name: 'a', Size: 1 };
      await later.promise;
      yield { Name: 'abcdefgh', Size: 22 };
    };
    const done = writeOutput(slow(), (piece) => void (text += piece), 20);
    await expect.poll(() => text).toBe('\nName Size\n---- ----\na       1\n');
    later.resolve();
    await done;
    expect(text).toBe('\nName Size\n---- ----\na       1\nabc…   22\n\n');
  });
});

test('a list goes on under its values', async () => {
  const format = { shape: 'list', hideHeaders: false } as const;
  const row = new FormattedRow(format, {
    cells: [
      { name: 'Text', value: 'abcdefghijklmnop' },
      { name: 'N', value: 'two\nlines' },
    ],
  });
  expect(await written([row, row], 17)).toBe(`
Text : abcdefghij
       klmnop
N    : two
       lines

Text : abcdefghij
       klmnop
N    : two
       lines

`);
});

test('formatError() names the cmdlet', () => {
  expect(formatError({ cmdlet: 'Get-PSSession', message: 'No\u001b' })).toBe('Get-PSSession : No\ufffd\n');
  expect(formatError({ cmdlet: '', message: '[srv1] No' })).toBe('[srv1] No\n');
});

test('formatParseError() marks the place', () => {
  const error = { message: 'Pipelines are not in this version', span: { from: 14, to: 15 } };
  expect(formatParseError('one\nGet-PSSess | two', error)).toBe(
    'Get-PSSess | two\n          ^\nPipelines are not in this version\n',
  );
  expect(formatParseError('a', { message: 'm', span: { from: 1, to: 2 } })).toBe('a\n ^\nm\n');
});
