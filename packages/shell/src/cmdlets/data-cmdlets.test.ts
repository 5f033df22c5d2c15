import { beforeEach, describe, expect, test } from 'vitest';
import { HostsFile } from '../client/hosts.ts';
import { Remoting } from '../client/remoting.ts';
import { Runspace } from '../runtime/runspace.ts';
import { RecordingHost } from '../runtime/testing/recording-host.ts';

let host = new RecordingHost();
let runspace = new Runspace({ remoting: new Remoting({ hosts: new HostsFile() }), host });

beforeEach(() => {
  host = new RecordingHost();
  runspace = new Runspace({ remoting: new Remoting({ hosts: new HostsFile() }), host });
});

async function run(line: string): Promise<{ output: string[]; errors: string[] }> {
  await runspace.run(line, new AbortController().signal);
  return host.take();
}

/** What each line gives, without errors. */
function gives(cases: readonly (readonly [line: string, ...output: string[]])[]): void {
  test.each(cases)('%s', async (line, ...output) => {
    expect(await run(line)).toEqual({ output, errors: [] });
  });
}

/** The error that ends each line. */
function fails(cases: readonly (readonly [line: string, error: string])[]): void {
  test.each(cases)('%s fails', async (line, error) => {
    expect(await run(line)).toEqual({ output: [], errors: [error] });
  });
}

const FILES =
  "$f = [pscustomobject]@{Name='b.log'; Size=20; On=[datetime]'2026-01-02'}, [pscustomobject]@{Name='A.txt'; Size=3; On=[datetime]'2026-01-01'}, [pscustomobject]@{Name='c.log'; Size=100; On=$null}; ";

const FILE_ROWS = [`b.log 20 ${local(2)}`, `A.txt 3 ${local(1)}`, 'c.log 100'];

function local(day: number): string {
  return new Date(2026, 0, day).toLocaleString();
}

describe('Where-Object', () => {
  gives([
    ['1..5 | Where-Object { $_ -gt 3 }', '4', '5'],
    ["'a', 'bb' | ? { $_.Length -eq 2 }", 'bb'],
    ['1..3 | where { $_ -eq 2; $false }', '1', '2', '3'],
    ["'a', 'bb', 'ccc' | ? Length -ge 2", 'bb', 'ccc'],
    [`${FILES}$f | ? Name -like *.log | % Name`, 'b.log', 'c.log'],
    [`${FILES}$f | ? Name -notlike *.log | % Name`, 'A.txt'],
    [`${FILES}$f | ? Name -match '^[ab]' | % Name`, 'b.log', 'A.txt'],
    [`${FILES}$f | ? Name -cmatch '^[ab]' | % Name`, 'b.log'],
    [`${FILES}$f | ? Name -eq a.TXT | % Name`, 'A.txt'],
    [`${FILES}$f | ? Name -ieq a.TXT | % Name`, 'A.txt'],
    [`${FILES}$f | ? Name -ceq a.TXT | % Name`],
    [`${FILES}$f | ? Name -in 'a.txt', 'x' | % Name`, 'A.txt'],
    [`${FILES}$f | ? Name -notin 'a.txt', 'c.log' | % Name`, 'b.log'],
    [`${FILES}$f | ? Size -lt 20 | % Name`, 'A.txt'],
    [`${FILES}$f | ? On | % Name`, 'b.log', 'A.txt'],
    [`${FILES}$f | ? -Not On | % Name`, 'c.log'],
    [`${FILES}$f | ? On -ge ([datetime]'2026-01-02') | % Name`, 'b.log'],
    [`${FILES}$f | ? On -eq $null | % Name`, 'c.log'],
    [`${FILES}$f | ? Size -is int | % Name`, 'b.log', 'A.txt', 'c.log'],
    ["@{ Tags = 'x', 'y' }, @{ Tags = 'z' } | ? Tags -contains Y | % { $_.Tags.Count }", '2'],
    ["[pscustomobject]@{ A = '' }, [pscustomobject]@{ A = 'x' } | ? A -ne '' | % A", 'x'],
    ['Where-Object { $true } -InputObject 5', '5'],
  ]);
  fails([
    [
      '1 | ? Length -eq',
      'Where-Object : The specified operator requires both the -Property and -Value parameters. Provide values for both parameters, and then try the command again.',
    ],
    ['1 | ? Length 3', "Where-Object : The value '3' needs an operator between it and the property, such as -eq."],
    ['1 | ? Length -eq -ne 3', 'Where-Object : Parameter set cannot be resolved using the specified named parameters.'],
    ['1 | ?', 'Where-Object : Cannot process command because of one or more missing mandatory parameters: Property.'],
  ]);
});

describe('ForEach-Object', () => {
  gives([
    ['1..3 | ForEach-Object { $_ * 2 }', '2', '4', '6'],
    ['1..3 | % { $n = 0 } { $n += $_ } { $n }', '6'],
    ['1..3 | % -Begin { 0 } -Process { $_ } -End { 9 }', '0', '1', '2', '3', '9'],
    ['1..2 | % { 0 } { $_ }', '0', '1', '2'],
    ['1..2 | % { $_ } -End { 9 }', '1', '2', '9'],
    ['@() | % { $_ } -End { 9 }', '9'],
    ["'a', 'bb' | % Length", '1', '2'],
    ["'a' | foreach ToUpper", 'A'],
    ["'a-b', 'c' | % Replace '-', '+'", 'a+b', 'c'],
    ['[pscustomobject]@{ L = 1, 2 } | % L', '1', '2'],
    ['1..3 | % { if ($_ -eq 2) { return }; $_ }', '1', '3'],
    ['ForEach-Object { $_.Count } -InputObject 1, 2', '2'],
  ]);
});

describe('Select-Object', () => {
  gives([
    ['1..10 | Select-Object -First 2', '1', '2'],
    ['1..10 | Select-Object -First 0'],
    ['1..10 | Select-Object -Last 2', '9', '10'],
    ['1..10 | Select-Object -Last 2 -Skip 1', '8', '9'],
    ['1..5 | Select-Object -Skip 3', '4', '5'],
    ['1..5 | Select-Object -SkipLast 3', '1', '2'],
    ['1..5 | Select-Object -First 2 -Skip 1', '2', '3'],
    ['1..5 | Select-Object -First 1 -Last 1', '1', '5'],
    ["1, 1, 'a', 'A', 1 | Select-Object -Unique", '1', 'a', 'A'],
    [`${FILES}$f | Select-Object @{n='Kind'; e={$_.Name -replace '.*\\.'}} -Unique | % Kind`, 'log', 'txt'],
    [`${FILES}$f | Select-Object name, Nope -First 1`, 'Name Nope', '---- ----', 'b.log'],
    [`${FILES}$f | Select-Object * -ExcludeProperty O* -First 1`, 'Name Size', '---- ----', 'b.log 20'],
    [`${FILES}$f | Select-Object -ExcludeProperty On, Name -First 1`, 'Size', '----', '20'],
    [`${FILES}$f | Select-Object -ExpandProperty Size`, '20', '3', '100'],
    ['@{ A = 1; B = 2 } | Select-Object A', 'A', '-', '1'],
    [
      '[pscustomobject]@{ N = 1; Parts = [pscustomobject]@{ P = 2 } } | Select-Object N -ExpandProperty Parts',
      'P N',
      '- -',
      '2 1',
    ],
    ["'a' | Select-Object { $_.Length + 1 }", '$_.Length + 1', '-------------', '2'],
  ]);
  fails([
    ['1 | Select-Object -ExpandProperty X', 'Select-Object : Property "X" cannot be found.'],
    ['1 | Select-Object @{ zz = 1 }', 'Select-Object : The zz key is not valid.'],
    ["1 | Select-Object @{ n = '' ; w = 1 }", 'Select-Object : The w key is not valid.'],
    [
      '1 | Select-Object 5',
      'Select-Object : Cannot convert System.Int32 to one of the following types {System.String, System.Management.Automation.ScriptBlock}.',
    ],
    [
      '1 | Select-Object -First -1',
      "Select-Object : Cannot validate argument on parameter 'First'. The -1 argument is less than the minimum allowed range of 0. Supply an argument that is greater than or equal to 0 and then try the command again.",
    ],
  ]);

  test('-First ends what would never end', async () => {
    expect(await run('1 | % { while ($true) { 7 } } | Select-Object -First 2')).toEqual({
      output: ['7', '7'],
      errors: [],
    });
  });
});

describe('Format-Table', () => {
  gives([
    [`${FILES}$f | Format-Table`, 'Name Size On', '---- ---- --', ...FILE_ROWS],
    [`${FILES}$f | ft size, N* -AutoSize`, 'Size Name', '---- ----', '20 b.log', '3 A.txt', '100 c.log'],
    [`${FILES}$f | ft Size -HideTableHeaders`, '20', '3', '100'],
    [
      `${FILES}$f | ft @{ n = 'MB'; e = { $_.Size / 8 }; f = 'N2' }, @{ Label = 'What'; Expression = 'Name' }`,
      'MB What',
      '-- ----',
      '2.50 b.log',
      '0.38 A.txt',
      '12.50 c.log',
    ],
    [`${FILES}$f | ft @{ e = 'Name'; width = 3; align = 'right' } -HideTableHeaders`, '…og', '…xt', '…og'],
    [
      `${FILES}$f | ft Size -GroupBy { $_.Size -gt 9 } -HideTableHeaders`,
      '$_.Size -gt 9: True',
      '20',
      '$_.Size -gt 9: False',
      '3',
      '$_.Size -gt 9: True',
      '100',
    ],
    ["@{ a = 1 }, 'text', { ls } | ft", 'Name Value', '---- -----', 'a 1', 'text', 'ls'],
    ['[pscustomobject]@{ A = 1 } | ft Z*'],
    ['ft -InputObject 1, 2', '1', '2'],
    ['$t = [pscustomobject]@{ A = 1 } | ft; $t', 'A', '-', '1'],
    ['[pscustomobject]@{ A = 1 }, [pscustomobject]@{ A = 22 } | ft | grep 22', '22'],
  ]);

  test('fits the line of the host', async () => {
    await runspace.run("[pscustomobject]@{ A = 'x' * 300; B = 'tail' }", new AbortController().signal);
    expect(host.output).toBe(`\nA${' '.repeat(115)}B\n-${' '.repeat(115)}-\n${'x'.repeat(114)}… tail\n\n`);
  });
});

describe('Format-List', () => {
  gives([
    [`${FILES}$f[1] | Format-List`, 'Name : A.txt', 'Size : 3', `On : ${local(1)}`],
    [`${FILES}$f | fl S*, Nope`, 'Size : 20', 'Nope :', 'Size : 3', 'Nope :', 'Size : 100', 'Nope :'],
    ['[pscustomobject]@{ A = 1..5; B = @{ k = 1 }; C = $null } | fl', 'A : {1, 2, 3, 4…}', 'B : {[k, 1]}', 'C :'],
    ['$o = [pscustomobject]@{ Me = 1 }; $o.Me = $o; $o | fl', 'Me : @{Me=@{Me=@{Me=@{Me=@{Me=…}}}}}'],
    ["'text' | fl *", 'Length : 4'],
  ]);
});

describe('Sort-Object', () => {
  gives([
    ['3, 10, 2 | Sort-Object', '2', '3', '10'],
    ['3, 10, 2 | Sort-Object -Descending', '10', '3', '2'],
    ["'b', 'A', 'c' | Sort-Object", 'A', 'b', 'c'],
    ["3, 'b', 10, 'a' | Sort-Object", '10', '3', 'a', 'b'],
    ["10, '9' | Sort-Object", '9', '10'],
    ["'b', 'a', 'B', 'a' | Sort-Object -Unique", 'a', 'b'],
    ["'b', 'B', 'a' | Sort-Object -Unique -CaseSensitive", 'a', 'b', 'B'],
    [`${FILES}$f | Sort-Object Size | % Size`, '3', '20', '100'],
    [`${FILES}$f | Sort-Object On | % Name`, 'c.log', 'A.txt', 'b.log'],
    [`${FILES}$f | Sort-Object { $_.Name -like '*.log' }, Size | % Name`, 'A.txt', 'b.log', 'c.log'],
    [
      `${FILES}$f | Sort-Object { $_.Name -like '*.log' }, @{ e = 'Size'; Descending = $true } | % Name`,
      'A.txt',
      'c.log',
      'b.log',
    ],
    ["'a1', 'b1', 'a2' | Sort-Object { $_.Substring(1) }", 'a1', 'b1', 'a2'],
    ["'a1', 'b1', 'a2' | Sort-Object { $_.Substring(1) } -Descending", 'a2', 'a1', 'b1'],
    ['5..1 | Sort-Object -Top 2', '1', '2'],
    ['5..1 | Sort-Object -Bottom 2', '4', '5'],
  ]);
});

test('Out-Null takes everything, Write-Output gives it', async () => {
  expect(await run('1..3 | Out-Null; Write-Output 1, 2; Write-Output -InputObject x')).toEqual({
    output: ['1', '2', 'x'],
    errors: [],
  });
  expect((await run('Write-Output 1, 2 -NoEnumerate | % { $_.Count }')).output).toEqual(['2']);
});

describe('Measure-Object', () => {
  const values = async (line: string): Promise<string[]> => (await run(`${line} | Format-List`)).output;

  test('counts, adds and compares what comes', async () => {
    expect(await values('1..4 | Measure-Object')).toEqual([
      'Count : 4',
      'Average :',
      'Sum :',
      'Maximum :',
      'Minimum :',
      'StandardDeviation :',
      'Property :',
    ]);
    expect(await values("1, 9, 10, '4' | measure -AllStats")).toEqual([
      'Count : 4',
      'Average : 6',
      'Sum : 24',
      'Maximum : 10',
      'Minimum : 1',
      'StandardDeviation : 4.242640687119285',
      'Property :',
    ]);
    expect((await run('@() | measure | % Count')).output).toEqual(['0']);
    expect((await run("'b', 'a' | measure -Minimum -Maximum | % { $_.Minimum + $_.Maximum }")).output).toEqual(['ab']);
  });

  test('measures properties, and passes over objects without them', async () => {
    expect((await run(`${FILES}$f | measure Size -Sum | % Sum`)).output).toEqual(['123']);
    expect((await run(`${FILES}$f | measure On | % Count`)).output).toEqual(['2']);
    expect((await run(`${FILES}$f | measure { $_.Name.Length } -Maximum | % Maximum`)).output).toEqual(['5']);
    expect((await run(`${FILES}$f | measure S*, N* | % Property`)).output).toEqual(['Size', 'Name']);
  });

  gives([
    [
      "'a b', '', \"c`nd e`n\" | measure -Line -Word -Character",
      'Lines Words Characters Property',
      '----- ----- ---------- --------',
      '3 5 9',
    ],
    ["' a b' | measure -Character -IgnoreWhiteSpace | % Characters", '2'],
  ]);
  fails([
    ['1 | measure Z', 'Measure-Object : The property "Z" cannot be found in the input for any objects.'],
    ["'x' | measure -Sum | Out-Null", 'Measure-Object : Input object "x" is not numeric.'],
    [
      '1 | measure -Sum -Line',
      'Measure-Object : Parameter set cannot be resolved using the specified named parameters.',
    ],
  ]);
});

describe('ConvertTo-Json', () => {
  gives([
    [
      "@{ a = 1; b = 'x', $null, $true; c = @(); d = @{} } | ConvertTo-Json -Compress",
      '{"a":1,"b":["x",null,true],"c":[],"d":{}}',
    ],
    ['@{ a = @{ b = 1, 2 } } | ConvertTo-Json', '{', '"a": {', '"b": [', '1,', '2', ']', '}', '}'],
    ["[pscustomobject]@{ 'q\"' = 1.5 } | ConvertTo-Json -Compress", '{"q\\"":1.5}'],
    ['1, 2 | ConvertTo-Json -Compress', '[1,2]'],
    ['1 | ConvertTo-Json -AsArray -Compress', '[1]'],
    ['ConvertTo-Json 1, 2 -Compress', '[1,2]'],
    ["[datetime]'2026-01-02T03:04:05Z' | ConvertTo-Json", '"2026-01-02T03:04:05.000Z"'],
    ['@{ b = 1; 2 = 3 } | ConvertTo-Json -Compress', '{"b":1,"2":3}'],
    ['@{ a = @{ b = @{ c = 1 } } } | ConvertTo-Json -Depth 4 -Compress', '{"a":{"b":{"c":1}}}'],
  ]);

  test('cuts what is deeper than -Depth, with one warning', async () => {
    const line = '@{ a = @{ b = @{ c = 1 } }; d = @{ e = @{ f = 1 } } } | ConvertTo-Json -Depth 1 -Compress';
    expect(await run(line)).toEqual({
      output: ['{"a":{"b":"System.Collections.Hashtable"},"d":{"e":"System.Collections.Hashtable"}}'],
      errors: ['WARNING: Resulting JSON is truncated as serialization has exceeded the set depth of 1.'],
    });
  });

  test('does not go round in circles', async () => {
    expect((await run('$t = @{}; $t.Self = $t; $t | ConvertTo-Json -Compress -WarningAction Ignore')).output).toEqual([
      '{"Self":{"Self":{"Self":"System.Collections.Hashtable"}}}',
    ]);
  });
});

describe('ConvertFrom-Json', () => {
  gives([
    [`'{"a":{"b":[1,2]}}' | ConvertFrom-Json | % { $_.A.b[1] }`, '2'],
    [`'[1,"x",null,true]' | ConvertFrom-Json | % { "<$_>" }`, '<1>', '<x>', '<>', '<True>'],
    [`'[1,2]' | ConvertFrom-Json -NoEnumerate | % { $_.Count }`, '2'],
    [`'{', '"a": 1', '}' | ConvertFrom-Json | % a`, '1'],
    [`'{"a":1}', '{"a":2}' | ConvertFrom-Json | % a`, '1', '2'],
    [`'{"b":1,"a":2}' | ConvertFrom-Json -AsHashtable | % { $_.Keys }`, 'b', 'a'],
    [`'{"on":"2026-01-02T03:04:05Z"}' | ConvertFrom-Json | % { $_.on -is [datetime] }`, 'True'],
    [`'{"__proto__":{"x":1}}' | ConvertFrom-Json | ConvertTo-Json -Compress`, '{"__proto__":{"x":1}}'],
    [`'' , ' ' | ConvertFrom-Json`],
  ]);

  test('says what is no JSON', async () => {
    const { output, errors } = await run(`'{bad' | ConvertFrom-Json`);
    expect(output).toEqual([]);
    expect(errors).toEqual([expect.stringMatching(/^ConvertFrom-Json : Conversion from JSON failed with error: /u)]);
  });
});

describe('Start-Sleep', () => {
  gives([['Start-Sleep 0.001'], ['0.001 | Start-Sleep'], ['Start-Sleep -Milliseconds 1; Start-Sleep -ms 1']]);
  fails([
    [
      'Start-Sleep -Seconds -1',
      "Start-Sleep : Cannot validate argument on parameter 'Seconds'. The -1 argument is outside the range of 0 to 2147483.",
    ],
  ]);

  test('ends at once when it is stopped', async () => {
    const stop = new AbortController();
    const done = runspace.run("'begun'; Start-Sleep 1000; 'later'", stop.signal);
    await expect.poll(() => host.output).toBe('begun\n');
    stop.abort();
    await done;
    expect(host.take()).toEqual({ output: ['begun'], errors: [] });
    expect(runspace.lastStatus).toBe(130);
  });
});

describe('Get-Alias', () => {
  gives([
    ['Get-Alias gsn | % Definition', 'Get-PSSession'],
    ['Get-Alias -Definition where-object | % Name', '?', 'where'],
    ['gal g?n | % Name', 'gsn'],
    ['gal nope*'],
  ]);
  fails([
    [
      'gal nope',
      "Get-Alias : This command cannot find a matching alias because an alias with the name 'nope' does not exist.",
    ],
    [
      'gal -Definition nope',
      "Get-Alias : This command cannot find a matching alias because an alias with the definition 'nope' does not exist.",
    ],
  ]);
});

test('Get-History lists the lines of the host', async () => {
  expect(await run('Get-History')).toEqual({ output: [], errors: [] });
  Object.assign(host, { history: ['gsn', 'ls -l', 'nsn srv1'] });
  expect((await run('Get-History')).output).toEqual([
    'Id CommandLine',
    '-- -----------',
    '1 gsn',
    '2 ls -l',
    '3 nsn srv1',
  ]);
  expect((await run('ghy -Count 1 | % CommandLine')).output).toEqual(['nsn srv1']);
  expect(await run('ghy 2, 9 | % CommandLine')).toEqual({
    output: ['ls -l'],
    errors: ['Get-History : Cannot locate the history for Id 9.'],
  });
});

test('a stop is heard while values come without a pause', async () => {
  const stop = new AbortController();
  setImmediate(() => stop.abort());
  await runspace.run('1..10000000 | % { $_ } | Out-Null', stop.signal);
  expect(runspace.lastStatus).toBe(130);
});
