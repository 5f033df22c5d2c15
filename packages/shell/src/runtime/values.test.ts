import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { HostsFile } from '../client/hosts.ts';
import { Remoting } from '../client/remoting.ts';
import { ErrorRecord } from './error-record.ts';
import { readMember } from './members.ts';
import { typeNameOf } from './methods.ts';
import { Runspace } from './runspace.ts';
import { SpawnedShell } from './spawned-shell.ts';
import { RecordingHost } from './testing/recording-host.ts';
import { toText } from './value-conversion.ts';

const folder = mkdtempSync(join(tmpdir(), 'hf-values-'));
afterAll(() => rmSync(folder, { recursive: true }));

let host = new RecordingHost();
let runspace: Runspace;

beforeEach(() => {
  host = new RecordingHost();
  const nativeShell = new SpawnedShell(() => folder);
  runspace = new Runspace({ remoting: new Remoting({ hosts: new HostsFile() }), host, nativeShell });
});

async function run(text: string): Promise<{ output: string[]; errors: string[] }> {
  await runspace.run(text, new AbortController().signal);
  return host.take();
}

const REGULAR_EXPRESSIONS: [line: string, output: string[]][] = [
  [String.raw`'abc' -match '\Ab'; 'abc' -match '\Aa'; 'abc' -match 'c\z'`, ['False', 'True', 'True']],
  ['"a`n" -match \'a\\Z\'; "a`n" -match \'a\\z\'; "a`n" -match \'a$\'', ['True', 'False', 'True']],
  ['"a`nb" -match \'^b\'; "a`nb" -match \'(?m)^b\'; "a`nb" -match \'(?m)a$\'', ['False', 'True', 'True']],
  ['"a`nb" -match \'a.b\'; "a`nb" -match \'(?s)a.b\'', ['False', 'True']],
  [
    String.raw`'é' -match '^\w$'; 'é' -match '\W'; '٣' -match '^\d$'; 'x' -match '[^\w]'`,
    ['True', 'False', 'True', 'False'],
  ],
  [String.raw`'été là' -replace '\b\w', '_'`, ['_té _à']],
  [String.raw`'a_b' -match '[\W_]'; 'ab' -match '[\W\d]'`, ['True', 'False']],
  [
    "'AB' -cmatch '(?i)ab'; 'AB' -cmatch 'A(?i)b'; 'aB' -match '(?-i)ab'; 'x' -cmatch 'a(?i)b|X'",
    ['True', 'True', 'False', 'True'],
  ],
  ["'ab' -match '(?x) a  b # both'; 'ab' -match 'a(?#and)b'", ['True', 'True']],
  ["'(ab)' -match '(?n)(a)b'; $Matches.Count", ['True', '1']],
  ["'kiwi-7' -match '(?<fruit>[a-z]+)-(\\d)'; $Matches.fruit; $Matches[1]; $Matches.Count", ['True', 'kiwi', '7', '3']],
  [String.raw`'abab' -match '^(ab)\1$'; 'aa' -match "(?'x'a)\k'x'"; 'a1' -match '(a)\1'`, ['True', 'True', 'False']],
  ["'b' -match '^[a-z-[aeiou]]$'; 'e' -match '^[a-z-[aeiou]]$'", ['True', 'False']],
  [
    String.raw`'a-b' -match '^[\w-]+$'; 'a]' -match '[]]'; 'a{b}' -match 'a{b}'; '/&~' -match '^[/&&~~]+$'`,
    ['True', 'True', 'True', 'True'],
  ],
  [
    String.raw`'a/b' -match 'a\/b'; 'a b' -match 'a\ b'; 'A' -cmatch '^\x41\u0041?$'; '-' -match '^\-$'`,
    ['True', 'True', 'True', 'True'],
  ],
  [String.raw`'É' -cmatch '\p{Lu}'; 'aaa' -match '^a{2,}?'; $Matches[0]`, ['True', 'True', 'aa']],
  // -split
  ["'a.b.c' -split '.', 0, 'simplematch'", ['a', 'b', 'c']],
  ["'a.b.c' -split '.', 2, 'SimpleMatch'", ['a', 'b.c']],
  ["'aXbxc' -split 'x', 0, 'regexmatch'; 'aXb' -csplit 'x', 0, 'simplematch,ignorecase'", ['a', 'b', 'c', 'a', 'b']],
  ["'a,b,c' -split ',', -2; 'a,b' -split ',', -1", ['a,b', 'c', 'a,b']],
  ["('ab' -split '').Count; 'a1b' -split '(\\d)'", ['4', 'a', '1', 'b']],
  // -replace
  ["'ab' -replace '(a)(b)', '$2$1 $$1 $& $0 $3 ${1}0 $10'", ['ba $1 ab ab $3 a0 a0']],
  ["'7 kg' -replace '(?<n>\\d+) (\\w+)', '${n}/$1/$2/${none}'", ['7/kg/7/${none}']],
  ["'abcdefghij' -replace '(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)', '$10$1'", ['ja']],
  ["'xay' -replace 'a', '[$`|$''|$_]'; 'a' -replace 'a', '$$$$&'", ['x[x|y|xay]y', '$$&']],
];

const BLOCKS: [line: string, output: string[]][] = [
  [String.raw`'a1b22' -replace '\d+', { [int]$_.Value + 1 }`, ['a2b23']],
  ["'a', 'b' -replace 'A', { $_.Value * 2 }; 'Ab' -creplace 'a', { 'x' }", ['aa', 'b', 'Ab']],
  [
    String.raw`$n = 3; 'k=v' -replace '(?<key>\w)=(\w)', { "$($_.Groups[1].Value)<$($_.Groups[2])>$n at $($_.Index), $($_.Length)" }`,
    ['v<k>3 at 0, 3'],
  ],
  ["'aXb' -replace 'x', { }; 'ab' -replace 'x', { throw 'never' }", ['ab', 'ab']],
];

const FORMATS: [line: string, output: string[]][] = [
  ["'[{0}]' -f $null; '{0}{1}' -f 1, $null", ['[]', '1']],
  [
    "$d = [datetime]'2026-03-04T15:06:07.089'; '{0:d}|{0:D}|{0:t}|{0:T}' -f $d",
    ['3/4/2026|Wednesday, March 4, 2026|3:06 PM|3:06:07 PM'],
  ],
  [
    "$d = [datetime]'2026-03-04T00:06:07'; '{0:f}|{0:F}' -f $d",
    ['Wednesday, March 4, 2026 12:06 AM|Wednesday, March 4, 2026 12:06:07 AM'],
  ],
  [
    "$d = [datetime]'2026-03-04T15:06:07'; '{0:g}|{0:G}|{0:s}|{0:u}' -f $d",
    ['3/4/2026 3:06 PM|3/4/2026 3:06:07 PM|2026-03-04T15:06:07|2026-03-04 15:06:07Z'],
  ],
  [
    "$d = [datetime]'2026-03-04T15:06:07'; '{0:m}|{0:M}|{0:y}|{0:Y}|{0:r}' -f $d",
    ['March 4|March 4|March 2026|March 2026|Wed, 04 Mar 2026 15:06:07 GMT'],
  ],
  [
    "$d = [datetime]'2026-03-04T05:06:07.080'; $d.ToString('yy%M'); $d.ToString('fff ff FFF t'); $d.ToString('h\\h \"at\" dd')",
    ['263', '080 08 08 A', '5h at 04'],
  ],
  [
    "$d = [datetime]'2026-03-04'; ('{0:o}' -f $d) -match '^2026-03-04T00:00:00\\.0000000[+-]\\d\\d:\\d\\d$'; $d.ToString('zzz') -eq $d.ToString('%K')",
    ['True', 'True'],
  ],
  ["'{0:valueOf}' -f [datetime]'2026-03-04'", ['valueO0']],
  ["'{0:X}|{1:x}|{2:X4}' -f 5GB, -1, 255", ['140000000|ffffffff|00FF']],
];

const TIME_FORMATS: [line: string, output: string[]][] = [
  [
    String.raw`$t = [timespan]'1.02:03:04.567'; '{0:hh\:mm\:ss}|{0:d\.hh}|{0:dd}|{0:%h}|{0:ss\.fff}' -f $t`,
    ['02:03:04|1.02|01|2|04.567'],
  ],
  [
    String.raw`([timespan]'01:02:03.5').ToString('h\h\ m\m'); ([timespan]'00:00:05').ToString("mm':'ss")`,
    ['1h 2m', '00:05'],
  ],
  [
    "'{0:c}|{0:g}|{0:G}|{0}' -f [timespan]'1.02:03:04.5'",
    ['1.02:03:04.5000000|1:2:03:04.5|1:02:03:04.5000000|1.02:03:04.5000000'],
  ],
  [
    String.raw`'{0:hh\:mm\:ss\.FFF}' -f [timespan]'-00:00:01.25'; ('{0,10:%s}' -f [timespan]'00:00:07').Length`,
    ['00:00:01.25', '10'],
  ],
];

const TYPES: [line: string, output: string[]][] = [
  [
    "'x'.GetType().Name; 'x'.GetType().FullName; [int].Name; [system.int32].FullName",
    ['String', 'System.String', 'Int32', 'System.Int32'],
  ],
  [
    "'x'.GetType() -eq [string]; [int] -eq [int]; [int] -eq [long]; [int] -eq 'int'; [int32] -ne [int]",
    ['True', 'True', 'False', 'True', 'False'],
  ],
  [
    '@(1).GetType().Name; @{}.GetType().Name; (5GB).GetType().Name; [pscustomobject]@{} -is [pscustomobject]',
    ['Object[]', 'Hashtable', 'Int64', 'True'],
  ],
  [
    "$t = 'x'.GetType(); 'y' -is $t; 1 -is $t; 3000000000 -is [int]; 3000000000 -is [long]",
    ['True', 'False', 'False', 'True'],
  ],
  // Characters and numbers.
  [
    "[int][char]'A'; [int][char]'5'; [int]'5'; [char]65; [char]65 + 'b'; 'a' -eq [char]'A'",
    ['65', '53', '5', 'A', 'Ab', 'True'],
  ],
  [
    "([int[]]'AB'.ToCharArray()) -join ','; ([char[]]'abc') -join '-'; ([char]'a').GetType().Name",
    ['65,66', 'a-b-c', 'Char'],
  ],
  ["[char]'a'..[char]'c' -join ''; @{ a = 1 }[[char]'a']; ([char]'a').ToUpper()", ['abc', '1', 'A']],
  ["[int]::Parse('12') + 1; [double]::Parse('1.5'); [regex]::Escape('a.b [c]')", ['13', '1.5', String.raw`a\.b\ \[c]`]],
  [
    '0xFFFFFFFFFF -band 0xFF00000000; 0x100000000 -bor 1; 0x100000000 -bxor 0x100000001',
    ['1095216660480', '4294967297', '1'],
  ],
  [
    '0x100000000 -shr 4; 0x100000000 -shl 4; 1 -shl 31; 1 -shl 33; -8 -shr 1; 6 -band 3',
    ['268435456', '68719476736', '-2147483648', '2', '-4', '2'],
  ],
  // Elements of a text are characters.
  [
    "'abc'[0] -is [char]; 'abc' -is [char]; 'a' -is [char]; 'abc'[-1].GetType().Name",
    ['True', 'False', 'False', 'Char'],
  ],
  [
    "[int]'abc'[0]; 'b'[0] - 'a'[0]; 'abc'[0] + 'abc'[1]; 'abc'[0] -eq 97; 5 -eq '5'[0]",
    ['97', '1', 'ab', 'True', 'False'],
  ],
  ["'abc'[0] -eq 'A'; 'abc'[0] -ceq 'A'; 'abc'[0,2] -join ''; 'abc'[9] -eq $null", ['True', 'False', 'ac', 'True']],
  ["$n = @{}; foreach ($c in 'abca'.ToCharArray()) { $n[$c]++ }; $n['a']; ('a'..'c')[1] -is [char]", ['2', 'True']],
  ["'abc'[0]; 'abc'[0] -in 'a', 'b'; \"$('abc'[1])\"; @('b'[0], 'a'[0]) | Sort-Object", ['a', 'True', 'b', 'a', 'b']],
  // Numbers of 64 bits.
  ['-bnot 0; -bnot 0xFFFFFFFFFF; -bnot -4294967297', ['-1', '-1099511627776', '4294967296']],
  [
    '[long]1 -shl 40; ([long]1 -shl 40).GetType().Name; [long]-1 -shr 33; 1 -shl 40',
    ['1099511627776', 'Int64', '-1', '256'],
  ],
  [
    '-1 -band 0xFFFFFFFFFF; 1099511627776 -bor 1; (1099511627776 -bxor 1).GetType().Name',
    ['1099511627775', '1099511627777', 'Int64'],
  ],
  // What holds itself.
  ['$a = @(1, 2); $a[0] = $a; "$a"', ['... 2']],
  [
    '$o = [pscustomobject]@{ a = 1; self = $null }; $o.self = $o; "$o"; "$(@($o.a, $o.a))"',
    ['@{a=1; self=...}', '1 1'],
  ],
  // Hashtables.
  ['$h = @{ a = 1; b = 2 }; foreach ($e in $h.GetEnumerator()) { "$($e.Key)=$($e.Value)" }', ['a=1', 'b=2']],
  ['@{ b = 2; a = 1 }.GetEnumerator() | Sort-Object Name | % { $_.Name }', ['a', 'b']],
];

const DATES: [line: string, output: string[]][] = [
  [
    "$t = [datetime]'2026-03-02T10:00' - [datetime]'2026-03-01T08:30'; $t.Days; $t.Hours; $t.Minutes; $t.TotalHours; \"$t\"",
    ['1', '1', '30', '25.5', '1.01:30:00'],
  ],
  [
    "([datetime]'2026-04-01' - [datetime]'2026-03-01').TotalDays; ([datetime]'2026-11-02' - [datetime]'2026-10-01').TotalDays",
    ['31', '32'],
  ],
  [
    "\"$([datetime]'2026-03-01' + [timespan]'01:30:00')\"; \"$([datetime]'2026-03-01' - [timespan]::FromHours(12))\"",
    ['03/01/2026 01:30:00', '02/28/2026 12:00:00'],
  ],
  [
    '"$([timespan]\'1.02:03:04.5\')"; "$([timespan]\'1:2:3:4\')"; "$([timespan]\'2\')"; "$([timespan]\'-00:00:01\')"',
    ['1.02:03:04.5000000', '1.02:03:04', '2.00:00:00', '-00:00:01'],
  ],
  [
    '"$([timespan]::FromMinutes(90) + [timespan]::FromSeconds(5))"; [timespan]::FromDays(1).TotalSeconds; [timespan]::Zero.Ticks',
    ['01:30:05', '86400', '0'],
  ],
  [
    "[timespan]'01:00' -eq [timespan]::FromHours(1); [timespan]'01:00' -gt '00:59:00'; [timespan]'01:00' -is [timespan]",
    ['True', 'True', 'True'],
  ],
  [
    "\"$([timespan]'01:00' * 2) $([timespan]'01:00' / 2)\"; [timespan]'01:00' / [timespan]'00:30'",
    ['02:00:00 00:30:00', '2'],
  ],
  [
    '"$(([datetime]\'2026-01-31\').AddMonths(1))"; "$(([datetime]\'2024-02-29\').AddYears(1))"; "$(([datetime]\'2026-03-31\').AddMonths(-1))"',
    ['02/28/2026 00:00:00', '02/28/2025 00:00:00', '02/28/2026 00:00:00'],
  ],
  [
    '"$(([datetime]\'2026-01-31\').AddMonths(13))"; "$(([datetime]\'2026-01-01\').AddDays(1.5))"',
    ['02/28/2027 00:00:00', '01/02/2026 12:00:00'],
  ],
];

describe('a value of the language', () => {
  test.each([...REGULAR_EXPRESSIONS, ...BLOCKS, ...FORMATS, ...TIME_FORMATS, ...TYPES, ...DATES])(
    '%s',
    async (line, output) => {
      expect(await run(line)).toEqual({ output, errors: [] });
    },
  );

  test.each([
    [String.raw`'a' -match '(?>a)'`, "Invalid pattern '(?>a)': the group (?> is not in this version."],
    [String.raw`'a' -replace '\y', 'x'`, String.raw`Invalid pattern '\y': the escape \y is not in this version.`],
    [String.raw`'a' -split '[\y]'`, String.raw`Invalid pattern '[\y]': the escape \y is not in this version.`],
    ["'a' -match '(a'", "Invalid pattern '(a': Not enough )'s."],
    ["'a' -match '*a'", "Invalid pattern '*a': Nothing to repeat"],
    ["'a' -split 'a', 0, 'multiline'", "-split has no option 'multiline' in this version"],
    ["'{0:q}' -f [datetime]'2026-01-01'", 'Error formatting a string: Input string was not in a correct format.'],
    ["'{0:q}' -f 5", "Error formatting a string: Format specifier 'q' was invalid."],
    ["'{0:hh:mm}' -f [timespan]'01:00'", 'Error formatting a string: Input string was not in a correct format.'],
    ["'a' -replace 'a', { throw 'no' }", 'no'],
    ["[int]::Parse('5.5')", "The input string '5.5' was not in a correct format."],
    ['[int]2147483648', 'Value was either too large or too small for an Int32.'],
    ['(1, 2).Add(3)', 'Exception calling "Add": the System.Object[] is of a fixed size; += makes a longer one.'],
    ['@().Foo()', "[System.Object[]] does not contain a method named 'Foo'"],
    ["[timespan]'25:00:00'", "String '25:00:00' was not recognized as a valid TimeSpan."],
    ["'a' -split { $_ }", '-split with a script block is not in this version.'],
  ])('%s is refused in one line', async (line, message) => {
    const { output, errors } = await run(line);
    expect(output).toEqual([]);
    expect(errors).toEqual([expect.stringContaining(message)]);
  });
});

test('a line can ask an error what it is', () => {
  const record = new ErrorRecord('RuntimeException', 'InvalidOperation', 'Attempted to divide by zero.', {
    target: '1',
  });
  const ask = (...names: string[]): unknown => names.reduce<unknown>(readMember, record);
  expect(ask('exception', 'message')).toBe('Attempted to divide by zero.');
  expect(ask('CategoryInfo', 'Category')).toBe('InvalidOperation');
  expect(ask('FullyQualifiedErrorId')).toBe('RuntimeException');
  record.cmdlet = 'Get-Thing';
  expect(ask('FullyQualifiedErrorId')).toBe('RuntimeException,Get-Thing');
  expect(toText(ask('Exception'))).toBe(toText(record));
  expect(typeNameOf(record)).toBe('System.Management.Automation.ErrorRecord');
});
