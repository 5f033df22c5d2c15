import { describe, expect, test } from 'vitest';
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

async function written(results: readonly unknown[]): Promise<string> {
  let text = '';
  const stream = async function* (): AsyncGenerator<unknown> {
    for (const result of results) yield await Promise.resolve(result);
  };
  await writeOutput(stream(), (piece) => (text += piece));
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
a    1
bb   22

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
    await expect(writeOutput(failing(), (piece) => (text += piece))).rejects.toThrow('broken');
    expect(text).toContain('A\n-\n1');
  });
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
