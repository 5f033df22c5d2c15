import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { PSSession } from '../client/ps-session.ts';
import type { Cmdlet, Parameter } from '../runtime/cmdlet.ts';
import { CommandTable } from '../runtime/command-table.ts';
import type { Argument } from '../runtime/command-arguments.ts';
import { Hashtable } from '../runtime/hashtable.ts';
import { Job } from '../runtime/job.ts';
import { bindArguments } from '../runtime/parameter-binder.ts';
import { findParameter } from '../runtime/parameter-names.ts';
import { parameterSets } from '../runtime/parameter-set.ts';
import { ScriptBlock } from '../runtime/script-block.ts';
import { PSSessionOption } from '../runtime/session-option.ts';

type Row = { name: string; sets: string[]; aliases: string[]; position: string; pipe: string; wildcards: boolean };

const TABLES = new Map(
  readFileSync(new URL('testing/parameter-tables.txt', import.meta.url), 'utf8')
    .split(/^## /mu)
    .slice(1)
    .map((section): [string, Row[]] => {
      const [cmdlet = '', ...lines] = section.trim().split('\n');
      return [cmdlet, lines.map(readRow)];
    }),
);

function readRow(line: string): Row {
  const [name = '', sets = '', aliases = '', , position = '', pipe = '', wildcards = ''] = line.split(' | ');
  return {
    name,
    sets: sets.split(' '),
    aliases: aliases === '-' ? [] : aliases.split(','),
    position,
    pipe,
    wildcards: wildcards === '*',
  };
}

/** What the table's sets are called here; those that are missing are of machines that there are none of. */
const SET_NAMES: Readonly<Record<string, string>> = {
  C: 'ComputerName',
  Ci: 'ComputerInstanceId',
  Cn: 'ComputerName',
  Ui: 'ConnectionUriInstanceId',
  Un: 'ConnectionUri',
  S: 'Session',
  N: 'Name',
  Name: 'Name',
  Id: 'Id',
  I: 'InstanceId',
  H: 'SSHHost',
  Hh: 'SSHHostHashParam',
  P: 'InProcess',
  FS: 'FilePathRunspace',
  FC: 'FilePathComputerName',
  FU: 'FilePathUri',
  FH: 'FilePathSSHHost',
  FHh: 'FilePathSSHHostHash',
  Flt: 'Filter',
  Cmd: 'Command',
  State: 'State',
  Job: 'Job',
  Loc: 'Location',
};
const ASKING = new Set(['Get-PSSession', 'Connect-PSSession']);

function setName(cmdlet: string, letter: string): string | undefined {
  return letter === 'U' ? (ASKING.has(cmdlet) ? 'ConnectionUri' : 'Uri') : SET_NAMES[letter];
}

/** Where the place among the arguments is another one: a block and a file are told from a host by what they are. */
const OTHER_POSITION = new Set(['Invoke-Command ScriptBlock', 'Invoke-Command FilePath']);

/** What chooses a set where nothing of it must be given. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  ComputerName: ['ComputerName'],
  FilePathComputerName: ['ComputerName'],
  Session: ['Session'],
  Name: ['Name'],
  Id: ['Id'],
  InstanceId: ['InstanceId'],
  Location: ['Job', 'Location'],
  Job: ['Job'],
};

const VALUES: Readonly<Record<string, unknown>> = {
  String: 'x',
  Int32: 60,
  Guid: '12345678-1234-1234-1234-123456789abc',
  Uri: 'https://srv1',
  Hashtable: new Hashtable([['HostName', 'srv1']]),
  PSSession: Object.create(PSSession.prototype),
  PSSessionOption: new PSSessionOption(),
  PSCredential: 'user',
  ScriptBlock: new ScriptBlock('x'),
  Object: 'x',
  Boolean: true,
  DateTime: '2026-01-01',
  Job: new Job({ id: 1, name: 'Job1', command: '' }, []),
  SwitchParameter: true,
};

function valueFor({ type }: Parameter<unknown>): unknown {
  return type.values[0] ?? VALUES[type.name.replace('[]', '')];
}

function given(cmdlet: Cmdlet, name: string): Argument {
  const { parameter } = findParameter(cmdlet, name);
  return { kind: 'parameter', name, value: valueFor(parameter) };
}

const commands = new CommandTable();

describe.each([...TABLES])('%s', (name, rows) => {
  test.each(rows)('-$name', async (row) => {
    const cmdlet = await commands.load(name);
    const { name: found, parameter } = findParameter(cmdlet, row.name);
    expect(found).toBe(row.name);
    for (const alias of row.aliases) expect(findParameter(cmdlet, alias).name).toBe(row.name);
    if (parameter.refused === true) {
      const bind = (): unknown => bindArguments(cmdlet, [{ kind: 'parameter', name: row.name, value: true }]);
      expect(bind).toThrow(/^Cannot bind parameter '\w+'\. [A-Z]/u);
      return;
    }
    if (!OTHER_POSITION.has(`${name} ${row.name}`)) expect(String(parameter.position ?? '-')).toBe(row.position);
    // By name as well where only the whole object is asked for, and the other way round, does no harm.
    if (row.pipe.includes('val')) expect(parameter.pipeline).toMatch(/^(?:value|both)$/u);
    if (row.pipe.includes('prop')) expect(parameter.pipeline).toMatch(/^(?:name|both)$/u);
    if (row.wildcards) expect(parameter.wildcards).toBe(true);
    const sets = row.sets.includes('all')
      ? parameterSets(cmdlet)
      : row.sets.flatMap((letter) => setName(name, letter) ?? []);
    expect(parameter.sets ?? parameterSets(cmdlet)).toEqual(expect.arrayContaining(sets));
  });

  test('each parameter set is chosen by its parameters, with each of the others', async () => {
    const cmdlet = await commands.load(name);
    const parameters = Object.entries(cmdlet.parameters).filter(([, { refused }]) => refused !== true);
    for (const set of parameterSets(cmdlet)) {
      const inSet = parameters.filter(([, { sets }]) => sets === undefined || sets.includes(set));
      const isMandatory = ({ mandatory = false }: Parameter<unknown>): boolean =>
        typeof mandatory === 'boolean' ? mandatory : mandatory.includes(set);
      const needed = inSet.filter(([, parameter]) => isMandatory(parameter)).map(([key]) => key);
      const keys = new Set([...needed, ...(KEYS[set] ?? [])]);
      for (const [other] of inSet) {
        const arguments_ = [...new Set([...keys, other])].map((key) => given(cmdlet, key));
        expect([other, bindArguments(cmdlet, arguments_).finish().parameterSet]).toEqual([other, set]);
      }
    }
  });
});
