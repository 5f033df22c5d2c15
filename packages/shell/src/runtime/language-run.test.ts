import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { HostsFile } from '../client/hosts.ts';
import { Remoting } from '../client/remoting.ts';
import { Runspace } from './runspace.ts';
import { SpawnedShell } from './spawned-shell.ts';
import { RecordingHost } from './testing/recording-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'hf-language-'));
afterAll(() => rmSync(folder, { recursive: true }));

let host = new RecordingHost();
let runspace = makeRunspace();

function makeRunspace(): Runspace {
  host = new RecordingHost();
  const nativeShell = new SpawnedShell(() => folder);
  return new Runspace({ remoting: new Remoting({ hosts: new HostsFile() }), host, nativeShell });
}

beforeEach(() => {
  runspace = makeRunspace();
});

async function run(text: string): Promise<{ output: string[]; errors: string[] }> {
  await runspace.run(text, new AbortController().signal);
  return host.take();
}

describe('a line of the language', () => {
  test.each<[string, string[]]>([
    // Values and operators.
    ['6 * 7', ['42']],
    ['7 / 2', ['3.5']],
    ['7 % 3', ['1']],
    ['2 + 3 * 4', ['14']],
    ['(2 + 3) * 4', ['20']],
    ['-3 + 1', ['-2']],
    ['10MB / 1KB', ['10240']],
    ["'a' + 1", ['a1']],
    ["'ab' * 3", ['ababab']],
    [
      '$PSSessionOption.GetType().Name; ([pscustomobject]@{ a = 1 }).GetType().Name',
      ['PSSessionOption', 'PSCustomObject'],
    ],
    [
      'Get-PSSession -Id 99 2> $null; "$($Error[0].CategoryInfo)"',
      ['InvalidArgument: (99:String) [Get-PSSession], RuntimeException'],
    ],
    [
      'Get-PSSession -Id 99 2> $null; $Error.Clear(); $Error.Count; $Error.GetType().FullName',
      ['0', 'System.Collections.ArrayList'],
    ],
    [
      '$PSSessionOption.MaxConnectionRetryCount; $PSSessionOption.IdleTimeout = 90000; $PSSessionOption.IdleTimeout',
      ['5', '90000'],
    ],
    ['function F { param($x) "x=$x args=$args" }; F -other 5; F 6 7', ['x=5 args=-other', 'x=6 args=7']],
    ['1, 2 + 3', ['1', '2', '3']],
    ['1..4', ['1', '2', '3', '4']],
    ['(4..1)[0, -1]', ['4', '1']],
    ["'a'..'c'", ['a', 'b', 'c']],
    ['1 -eq 1.0', ['True']],
    ["'A' -eq 'a'", ['True']],
    ["'A' -ceq 'a'", ['False']],
    ['1, 2, 3 -gt 1', ['2', '3']],
    ["'readme.md' -like '*.MD'", ['True']],
    ["'srv12' -match 'srv(\\d+)'; $Matches[1]", ['True', '12']],
    ["'a-b-c' -split '-'", ['a', 'b', 'c']],
    ["'a', 'b' -join '+'", ['a+b']],
    ["'x1y2' -replace '\\d', '#'", ['x#y#']],
    ["'{0:N1} of {1,5}' -f 3.14159, 'pi'", ['3.1 of pi']],
    ['2 -in 1, 2; 1, 2 -contains 3', ['True', 'False']],
    ['-not $false -and $true', ['True']],
    ["[int]'5' + 1", ['6']],
    ['[math]::Max(3, 9)', ['9']],
    ["'text' -is [string]", ['True']],
    ["$null ?? 'other'", ['other']],
    // Variables, members, elements.
    ['$x = 5; $x += 2; $x', ['7']],
    ['$a, $b = 1, 2, 3; $a; $b.Count', ['1', '2']],
    ['$i = 1; $i++; $i', ['2']],
    ["$d = 'text'; $d.Length; $d.ToUpper()", ['4', 'TEXT']],
    ["@{ a = 1; b = 'two' }.b", ['two']],
    ['$h = @{}; $h.x = 1; $h["y"] = 2; $h.Count', ['2']],
    ['@(1, 2).Count; @().Count; @(7).Count', ['2', '0', '1']],
    ['$l = @(1, 2, 3); $l[1] = 9; $l -join ","', ['1,9,3']],
    ["([pscustomobject]@{ Name = 'n' }).Name", ['n']],
    ['"sum: $(1 + 2), $x!"', ['sum: 3, !']],
    ['$v = \'w\'; "${v}x $v.Length"', ['wx w.Length']],
    // Statements.
    ["if (1 -gt 2) { 'a' } elseif ($true) { 'b' } else { 'c' }", ['b']],
    ['foreach ($n in 1..3) { $n * 2 }', ['2', '4', '6']],
    ['$n = 0; while ($true) { $n++; if ($n -eq 2) { continue }; if ($n -gt 3) { break }; $n }', ['1', '3']],
    ['for ($i = 0; $i -lt 3; $i++) { $i }; $i', ['0', '1', '2', '3']],
    ['for ($i = 5; $i; $i--) { if ($i -eq 4) { continue }; if ($i -eq 2) { break }; $i }', ['5', '3']],
    ['$n = 0; for (;;) { if ($n++ -ge 2) { break } }; $n', ['3']],
    ['$n = 5; do { $n } while ($n++ -lt 6); do { $n } until ($true)', ['5', '6', '7']],
    ['do { 1; continue; 2 } while ($false); do { 3; break } while ($true)', ['1', '3']],
    // switch.
    ["switch (2) { 1 { 'a' } 2 { 'b' } '2' { 'c' } default { 'd' } }", ['b', 'c']],
    ["switch ('x') { default { 'd' } 1 { 'a' } }", ['d']],
    ["switch (1, 2, 3, 4) { 2 { continue } 3 { 'c'; break } default { $_ } }", ['1', 'c']],
    ["switch -wildcard ('README.md') { *.md { 'm' } r* { 'r' } R?A { 'no' } }", ['m', 'r']],
    ["switch -regex -casesensitive ('ab12') { '^A' { 'no' } '(\\d+)' { $Matches[1] } }", ['12']],
    ["switch ('AB') { ab { 'a' } }; switch -casesensitive ('AB') { ab { 'a' } AB { 'b' } }", ['a', 'b']],
    ['$l = 5; switch (3, 7) { { $_ -gt $l } { "$_ is more"; $l = 9 } }; $l', ['7 is more', '9']],
    [
      "$x = switch (1) { 1 { 'one' } }; $x; foreach ($n in 1, 2) { switch ($n) { 1 { break } }; $n }",
      ['one', '1', '2'],
    ],
    // try.
    ["try { throw 'bad'; 'never' } catch { \"caught $_\" } finally { 'last' }; 'on'", ['caught bad', 'last', 'on']],
    ["try { [int]'x'; 'never' } catch { 'caught' }", ['caught']],
    [
      'try { Get-PSSession -Id 77 -ErrorAction Stop } catch { $_.Exception.Message }',
      ['The remote session with the session ID 77 is not available.'],
    ],
    [
      "function f { throw 'deep' }; try { 1 | % { f } } catch { $_.FullyQualifiedErrorId; $_.Exception.Message }",
      ['RuntimeException', 'deep'],
    ],
    ["try { try { throw 'a' } finally { 'f' } } catch { \"$_\" }", ['f', 'a']],
    ['try { try { throw \'a\' } catch { throw } } catch { "again $_" }', ['again a']],
    ['try { try { throw \'a\' } catch { throw $_ } } catch { "again $_" }', ['again a']],
    [
      "try { Get-PSSesion } catch [IO.FileNotFoundException] { 'no' } catch [System.Management.Automation.CommandNotFoundException] { 'yes' }",
      ['yes'],
    ],
    ["foreach ($n in 1, 2) { try { if ($n -eq 1) { continue }; $n } finally { 'f' } }", ['f', '2', 'f']],
    ["function f { try { return 1 } finally { 'f' }; 2 }; f; $y = try { 5 } catch { }; $y", ['1', 'f', '5']],
    ["try { throw 'a' } catch { $z = 3 }; $z; $Error[0].Exception.Message", ['3', 'a']],
    ['try { 1 } catch { 2 }; $Error.Count', ['1', '0']],
    ['$x = foreach ($n in 1, 2) { $n }; $x.Count', ['2']],
    ["function add($a, [int]$b = 10) { return $a + $b; 'never' }; add 1; add 1 2; add -b 5 -a 3", ['11', '3', '8']],
    ['function f { $args.Count; $input }; 1, 2 | f a b c', ['3', '1', '2']],
    ['& { param($n) $n * 2 } 21', ['42']],
    ['$y = 1; & { $y = 2 }; $y; . { $y = 3 }; $y', ['1', '3']],
    // Native commands.
    ['printf \'a\\nb\\n\' | ForEach-Object { "<$_>" }', ['<a>', '<b>']],
    ['$d = echo one; $d.Length', ['3']],
    ['sh -c "exit 3"; $LASTEXITCODE; $?', ['3', 'True']],
    ["false || 'or'; true && 'and'", ['or', 'and']],
    ['1..3 | cat', ['1', '2', '3']],
    ["$word = 'a b'; printf '%s-' $word x", ['a b-x-']],
    ['printf "%s\\n" a b | grep b', ['b']],
  ])('%s', async (line, output) => expect(await run(line)).toEqual({ output, errors: [] }));

  test.each<[string, string[]]>([
    ["$s = 1..3 | Where-Object { $_ -gt 5 }; $s | ForEach-Object { 'ran' }; @($s).Count; $null.Count", ['0', '0']],
    ['(Get-PSSession) | Remove-PSSession', []],
    ['1..5 | select -First 2', ['1', '2']],
    ['$null = 1..3', []],
    ['false; $?', ['False']],
    ["$x = sh -c 'exit 3'; $?", ['False']],
    ["[int]$x = '5'; $x = '7'; $x + 1", ['8']],
    ['function list { printf "%s+" @args }; list -a b', ['-a+b+']],
    ['cut -d: -f1 /etc/passwd | Select-Object -First 1', ['root']],
    ['$d = \'.\'; ls $d/*.md; ls "$d"/*.md', ['./notes.md', './notes.md']],
    ['echo {a,b}c | cat', ['ac bc']],
    ['yes | ForEach-Object { $_ } | head -n 1', ['y']],
    ['sleep 20 | ForEach-Object { $_ } | true', []],
    ['sh -c \'trap "" TERM; while :; do echo y; done\' | Select-Object -First 1', ['y']],
    ["$c = 'GREETING=hi'; & $c true 2> $null; $?", ['False']],
  ])('%s, as reviewed', async (line, output) => {
    writeFileSync(join(folder, 'notes.md'), '');
    expect(await run(line)).toEqual({ output, errors: [] });
  });

  test.each<[string, string[], RegExp]>([
    ["1..3 | ForEach-Object { throw 'boom' } | cat", [], /^boom$/],
    [
      'Remove-PSSession $nope',
      [],
      /^Remove-PSSession : Cannot bind argument to parameter 'Session' because it is null\.$/,
    ],
    ['Invoke-Command $nope { echo 1 }', [], /parameter 'Session' because it is null\.$/],
    ["[int]'abc'", [], /to type "System\.Int32"/],
    ["$ConfirmPreference = 'x'", [], /None, Low, Medium, High"$/],
    ['function T { param([int]$n) $n }; T -n abc', [], /^T : Cannot process argument transformation on parameter 'n'/],
    ["'x' > /dev/full; 'next'", ['next'], /^Cannot write to \/dev\/full: ENOSPC/],
    ['cd /tmp; echo on | ForEach-Object { $_ }', ['on'], /^cd would change nothing here/],
    ['echo rm $nosuch/* | cat', [], /^\$nosuch is not set here/],
    ["Get-PSSession -Id 99 -ErrorAction Stop; 'after'", [], /session ID 99/],
    ["$ErrorActionPreference = 'Stop'; Get-PSSession -Id 99; 'after'", [], /session ID 99/],
  ])('%s says what is wrong', async (line, output, error) => {
    const { output: shown, errors } = await run(line);
    expect(shown).toEqual(output);
    expect(errors).toEqual([expect.stringMatching(error)]);
  });

  test('a native command writes its bytes to a file as they are', async () => {
    await run("printf '\\377\\376abc' > b.bin; echo more >> b.bin");
    expect(readFileSync(join(folder, 'b.bin'), 'latin1')).toBe('\u00ff\u00feabcmore\n');
  });

  test('ends a pipe of native commands when enough was read', async () => {
    expect(await run('yes | Select-Object -First 2')).toEqual({ output: ['y', 'y'], errors: [] });
  });

  test('redirects', async () => {
    writeFileSync(join(folder, 'notes.md'), '');
    await run("'one' > out.txt; 'two' >> out.txt");
    expect(readFileSync(join(folder, 'out.txt'), 'utf8')).toBe('one\ntwo\n');
    expect(await run('ls *.md')).toEqual({ output: ['notes.md'], errors: [] });
    expect(await run('ls no-such-file 2> $null')).toEqual({ output: [], errors: [] });
    const both = await run('$both = ls no-such-file 2>&1; $both.Length -gt 5');
    expect(both).toEqual({ output: ['True'], errors: [] });
  });

  test('errors go among the results as they come', async () => {
    const fallible = "function f { 'one'; Get-PSSession -Id 98; 'two'; sh -c 'echo three >&2'; Get-PSSession -Id 99 }";
    const { output, errors } = await run(`${fallible}; f 2>&1 | ForEach-Object { "<$_>" }`);
    expect(errors).toEqual([]);
    expect(output).toEqual([
      '<one>',
      expect.stringMatching(/^<.*session ID 98.*>$/),
      '<two>',
      '<three>',
      expect.stringMatching(/^<.*session ID 99.*>$/),
    ]);
    expect(await run('(f *>&1).Count')).toEqual({ output: ['5'], errors: [] });
    await run('function f { Get-PSSession -Id 97; Start-Sleep 1000 }');
    const first = await run("(f 2>&1 | Select-Object -First 1).CategoryInfo.Category; 'after'");
    expect(first).toEqual({ output: ['InvalidArgument', 'after'], errors: [] });
    const stop = new AbortController();
    const waiting = runspace.run('f 2>&1 | ForEach-Object { "<$_>" }', stop.signal);
    await expect.poll(() => host.output).toContain('session ID 97');
    stop.abort();
    await waiting;
    expect(runspace.lastStatus).toBe(130);
  });

  test('an error ends its statement, and is kept', async () => {
    expect(await run("1 / 0; 'next'; $Error.Count")).toEqual({
      output: ['next', '1'],
      errors: ['Attempted to divide by zero.'],
    });
    expect(await run("throw 'enough'; 'never'")).toEqual({ output: [], errors: ['enough'] });
  });

  test('a function that calls itself for ever ends, and a loop without a pause can be stopped', async () => {
    const { errors } = await run('function f { f }; f');
    expect(errors).toEqual(['The script failed due to call depth overflow.']);
    const stop = new AbortController();
    const done = runspace.run("'begun'; while ($true) { }", stop.signal);
    await expect.poll(() => host.output).toBe('begun\n');
    stop.abort();
    await done;
    expect(runspace.lastStatus).toBe(130);
  });

  test('a misspelt cmdlet says what it is called', async () => {
    const { errors } = await run('Get-PSSesion');
    expect(errors).toEqual([
      "The term 'Get-PSSesion' is not recognized as the name of a cmdlet. Did you mean Get-PSSession?",
    ]);
  });
});
