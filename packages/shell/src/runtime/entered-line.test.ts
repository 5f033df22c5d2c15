import { describe, expect, test } from 'vitest';
import { parse } from '../language/parser.ts';
import { CommandTable } from './command-table.ts';
import { whatActsHere } from './entered-line.ts';
import { FunctionTable } from './function-table.ts';
import { ScriptBlock } from './script-block.ts';

const commands = new CommandTable();
const functions = new FunctionTable();
functions.define('deploy', new ScriptBlock(''));

async function refusal(line: string): Promise<string | undefined> {
  return (await whatActsHere(parse(line).script, { commands, functions }, 'srv1'))?.message;
}

function refused(name: string): string {
  return `${name} would act on this machine, not on srv1: use srv1's own command, or leave the prompt first`;
}

describe('at an entered prompt', () => {
  test.each(commands.names)(
    '%s stands at the beginning if it acts on hosts, and any behind one that does',
    async (name) => {
      const { acts } = await commands.load(name);
      expect(await refusal(name)).toBe(acts === 'agent' ? undefined : refused(name));
      if (acts !== 'client') expect(await refusal(`Get-PSSession | ${name}`)).toBeUndefined();
    },
  );

  test.each([
    ['Where-Object { 1 }', 'Where-Object'],
    ['% { 1 }', 'ForEach-Object'],
    ['Start-Sleep 0', 'Start-Sleep'],
    ["Get-PSSession; Write-Output 'x' | Out-Null", 'Write-Output'],
    ['Get-PSSession && rm -r x', 'rm'],
    ['Get-PSSession; $x = ls', 'ls'],
    ['Get-PSSession; if (1) { rm x }', 'rm'],
  ])('%s is refused', async (line, name) => expect(await refusal(line)).toBe(refused(name)));

  test.each([
    'Get-PSSession | Where-Object { $_.Id -eq 1 } | ForEach-Object { Write-Output $_.Name } | grep a',
    'Get-PSSession | Format-Table; Get-Job | Sort-Object Id',
    'New-PSSession srv2 -SessionOption (New-PSSessionOption -OpenTimeout 5)',
    'Get-PSSesion',
    'Get-PSSession; deploy',
  ])('%s is run', async (line) => expect(await refusal(line)).toBeUndefined());
});
