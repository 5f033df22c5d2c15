import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defineCmdlet, type Cmdlet } from './cmdlet.ts';
import { ErrorRecord } from './error-record.ts';
import type { BoundArguments, ParameterBinder } from './parameter-binder.ts';
import { arrayOf, guid, instanceOf, int32, oneOf, string, switchParameter } from './parameter-type.ts';
import { bindLine, commandOf } from './testing/bind-line.ts';

class Thing {
  readonly name = 'thing';
}

const sample = defineCmdlet({
  name: 'Test-Thing',
  synopsis: 'For the tests.',
  acts: 'agent',
  supportsShouldProcess: true,
  defaultParameterSet: 'Name',
  parameters: {
    Name: { type: arrayOf(string), sets: ['Name', 'ComputerName'], help: 'Names.' },
    ComputerName: {
      type: arrayOf(string),
      aliases: ['Cn'],
      mandatory: true,
      position: 0,
      sets: ['ComputerName'],
      help: 'Computers.',
    },
    Id: { type: arrayOf(int32), mandatory: true, position: 0, sets: ['Id'], help: 'Ids.' },
    InstanceId: { type: guid, mandatory: true, sets: ['InstanceId'], help: 'Id.' },
    Thing: { type: instanceOf(Thing), mandatory: true, position: 0, sets: ['Thing'], help: 'A thing.' },
    Path: { type: string, position: 1, help: 'A path.' },
    Mode: { type: oneOf('Mode', 'None', 'Drop', 'Block'), help: 'A mode.' },
    Seconds: { type: int32, help: 'A time.' },
    Force: { type: switchParameter, help: 'A switch.' },
  },
  examples: [],
  async *process({ Force, Mode, Name, Path }) {
    // The types that follow from the declaration.
    const check: [boolean, 'None' | 'Drop' | 'Block' | undefined, string[] | undefined, string | undefined] = [
      Force,
      Mode,
      Name,
      Path,
    ];
    yield await Promise.resolve(check);
  },
});

function bound(line: string, cmdlet: Cmdlet = sample): Promise<ParameterBinder> {
  return bindLine(cmdlet, `Test-Thing ${line}`);
}

async function bind(line: string, cmdlet: Cmdlet = sample): Promise<BoundArguments> {
  return (await bound(line, cmdlet)).finish();
}

async function refusal(line: string): Promise<string> {
  try {
    await bind(line);
  } catch (error) {
    if (error instanceof ErrorRecord) return error.message;
    throw error;
  }
  throw new Error(`${line} was bound`);
}

describe('bindArguments()', () => {
  test.each<[string, string, Record<string, unknown>]>([
    ['', 'Name', {}],
    ['-Name a', 'Name', { Name: ['a'] }],
    ['-name a,b', 'Name', { Name: ['a', 'b'] }],
    ['-Na a', 'Name', { Name: ['a'] }],
    ['-ComputerName a -Name b', 'ComputerName', { ComputerName: ['a'], Name: ['b'] }],
    ['-Computer a', 'ComputerName', { ComputerName: ['a'] }],
    ['-cn a', 'ComputerName', { ComputerName: ['a'] }],
    ['srv1, srv2', 'ComputerName', { ComputerName: ['srv1', 'srv2'] }],
    ['3', 'Id', { Id: [3] }],
    ['1,2 x', 'Id', { Id: [1, 2], Path: 'x' }],
    ['-Id 1 x', 'Id', { Id: [1], Path: 'x' }],
    ['-Path x srv1', 'ComputerName', { Path: 'x', ComputerName: ['srv1'] }],
    ['-Name 007', 'Name', { Name: ['007'] }],
    ['-Name 1,b', 'Name', { Name: ['1', 'b'] }],
    ['-Id "4"', 'Id', { Id: [4] }],
    ['-Id 1.6', 'Id', { Id: [2] }],
    ['-Seconds 60*60*15', 'Name', { Seconds: 54_000 }],
    ['-Mode d', 'Name', { Mode: 'Drop' }],
    ['-Mode 2', 'Name', { Mode: 'Block' }],
    ['-Mode:none', 'Name', { Mode: 'None' }],
    ['-Force', 'Name', { Force: true }],
    ['-Force:$false', 'Name', { Force: false }],
    ['-Force srv1', 'ComputerName', { Force: true, ComputerName: ['srv1'] }],
    [
      '-InstanceId {A786BE29-0000-4000-8000-000000000001}'.replaceAll(/[{}]/gu, ''),
      'InstanceId',
      { InstanceId: 'a786be29-0000-4000-8000-000000000001' },
    ],
  ])('%s', async (line, set, values) => {
    const found = await bind(line);
    expect(found.parameterSet).toBe(set);
    expect(found.values).toEqual({ Force: false, ...values });
  });

  test('takes the common parameters by name, alias and beginning', async () => {
    expect((await bound('-ErrorAction silentlycontinue -Verbose -wi')).common).toMatchObject({
      errorAction: 'SilentlyContinue',
      verbose: true,
      whatIf: true,
      confirm: undefined,
    });
    expect((await bound('-ea 1 -Confirm:$false -OutVariable x -ev +y')).common).toMatchObject({
      errorAction: 'Stop',
      confirm: false,
    });
    expect((await bound('-ErrorA Ignore')).common.errorAction).toBe('Ignore');
  });

  test("the cmdlet's own parameters go before common ones with the same beginning", async () => {
    expect((await bind('-P x')).values).toMatchObject({ Path: 'x' });
  });

  test.each([
    ['-Foo', "A parameter cannot be found that matches parameter name 'Foo'."],
    [
      '-I 1',
      "Parameter cannot be processed because the parameter name 'I' is ambiguous. Possible matches include: -Id -InstanceId.",
    ],
    [
      '-Warning Stop',
      "Parameter cannot be processed because the parameter name 'Warning' is ambiguous. Possible matches include: -WarningAction -WarningVariable.",
    ],
    ['-Name', "Missing an argument for parameter 'Name'. Specify a parameter of type 'System.String[]' and try again."],
    [
      '-Name -Force',
      "Missing an argument for parameter 'Name'. Specify a parameter of type 'System.String[]' and try again.",
    ],
    [
      '-Path a -path b',
      `Cannot bind parameter because parameter 'Path' is specified more than once. To provide multiple values to parameters that can accept multiple values, use the array syntax. For example, "-parameter value1,value2,value3".`,
    ],
    [
      '-Id x',
      `Cannot bind parameter 'Id'. Cannot convert value "x" to type "System.Int32". Error: "Input string was not in a correct format."`,
    ],
    [
      '-Id 3000000000',
      `Cannot bind parameter 'Id'. Cannot convert value "3000000000" to type "System.Int32". Error: "Value was either too large or too small for an Int32."`,
    ],
    [
      '-Mode x',
      `Cannot bind parameter 'Mode'. Cannot convert value "x" to type "Mode". Error: "Unable to match the identifier name x to a valid enumerator name. Specify one of the following enumerator names and try again: None, Drop, Block"`,
    ],
    [
      '-Path a,b',
      `Cannot bind parameter 'Path'. Cannot convert value "a b" to type "String". Error: "One value is expected, not several"`,
    ],
    [
      '-Thing x',
      `Cannot bind parameter 'Thing'. Cannot convert value "x" to type "Thing". Error: "Invalid cast from 'System.String' to 'Thing'."`,
    ],
    ["-Name ''", "Cannot bind argument to parameter 'Name' because it is an empty string."],
    ['-Name a,$null', "Cannot bind argument to parameter 'Name' because it is null."],
    ['a b c', "A positional parameter cannot be found that accepts argument 'c'."],
    ['-Id 1 -Name a', 'Parameter set cannot be resolved using the specified named parameters.'],
    [
      '-Force:maybe',
      `Cannot bind parameter 'Force'. Cannot convert value "maybe" to type "SwitchParameter". Error: "Use $true or $false"`,
    ],
  ])('refuses %s', async (line, message) => expect(await refusal(line)).toBe(message));

  test('names what is missing', async () => {
    const strict = defineCmdlet({
      ...sample,
      defaultParameterSet: 'Id',
      parameters: { Id: sample.parameters.Id },
      async *process() {},
    });
    await expect(bind('', strict)).rejects.toThrow(
      'Cannot process command because of one or more missing mandatory parameters: Id.',
    );
  });

  test('ends with a binding or an ErrorRecord on any elements', async () => {
    const piece = fc.constantFrom(
      '-Name',
      '-Id',
      '-Foo',
      '-Force',
      '-Mode:',
      'a',
      '1',
      ',',
      '1,2',
      "''",
      '$null',
      '$true',
      '-P',
      '-',
      '--',
      '"x y"',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 12 }), async (parts) => {
        const line = `x ${parts.join(' ')}`;
        if (commandOf(line) === undefined) return;
        try {
          (await bindLine(sample, line)).finish();
        } catch (error) {
          expect(error).toBeInstanceOf(ErrorRecord);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
