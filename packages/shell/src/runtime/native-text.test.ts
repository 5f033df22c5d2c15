import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { HostsFile } from '../client/hosts.ts';
import { Remoting } from '../client/remoting.ts';
import { Runspace } from './runspace.ts';
import { SpawnedShell } from './spawned-shell.ts';
import { RecordingHost } from './testing/recording-host.ts';

const folder = mkdtempSync(join(tmpdir(), 'hf-native-'));
const host = new RecordingHost();
const nativeShell = new SpawnedShell(() => folder);
const runspace = new Runspace({ remoting: new Remoting({ hosts: new HostsFile() }), host, nativeShell });

beforeAll(() => {
  mkdirSync(join(folder, 'my dir'));
  writeFileSync(join(folder, 'my dir', 'b c.md'), 'bc\n');
  writeFileSync(join(folder, 'a.md'), 'aa\n');
  writeFileSync(join(folder, 'x'), '');
});
afterAll(() => rmSync(folder, { recursive: true }));

async function run(text: string): Promise<{ output: string[]; errors: string[] }> {
  await runspace.run(text, new AbortController().signal);
  return host.take();
}

/** Prints its arguments, each in brackets. */
const SHOW = `sh -c 'printf "[%s]" "$@"; echo' -`;

test.each<[line: string, output: string[]]>([
  // As everyone types it.
  [String.raw`find . -name a.md -exec cat {} \; | Write-Output`, ['aa']],
  [String.raw`find . \( -name a.md -o -name x \) \! -size 0 | Write-Output`, ['./a.md']],
  [String.raw`find . -name \*.md | Sort-Object`, ['./a.md', './my dir/b c.md']],
  [String.raw`cat my\ dir/b\ c.md | Write-Output`, ['bc']],
  [String.raw`ls my\ dir/*.md | Write-Output`, ['my dir/b c.md']],
  ["ls 'my dir'/*.md *.md | Sort-Object", ['a.md', 'my dir/b c.md']],
  [
    `${SHOW} \\; \\( \\) \\! a\\ b \\\\ \\" \\' \\$HOME \\# a\\,b \\~ \\&\\& | Write-Output`,
    [String.raw`[;][(][)][!][a b][\]["]['][$HOME][#][a,b][~][&&]`],
  ],
  // Before other characters a backslash is one, and in quotes.
  [
    `${SHOW} \\d+ \\w a'\\;'b "x\\;" --e='s/\\(a\\)/\\1/' | Write-Output`,
    [String.raw`[\d+][\w][a\;b][x\;][--e=s/\(a\)/\1/]`],
  ],
  [
    `$d = 'my dir'; ls $d/b\\ c.md | Write-Output; ${SHOW} $d/'*' "$d"\\ x | Write-Output`,
    ['my dir/b c.md', '[my dir/*][my dir x]'],
  ],
  [`${SHOW} '' a'' \`* | Write-Output`, ['[][a][*]']],
  // To our own commands it stays a character.
  [String.raw`function show { $args.Count; $args }; show \( \;`, ['2', String.raw`\(`, String.raw`\;`]],
  [String.raw`'a(b', 'ab' | ? { $_ } | where Length -eq 2; Write-Output a\; 5`, ['ab', String.raw`a\ `.trim(), '5']],
  // Input from a file.
  ['tr a-z A-Z < a.md | Write-Output', ['AA']],
  ['cat <a.md x | Write-Output; cat < $null | Write-Output', []],
  [String.raw`$f = 'a.md'; cat < $f | Write-Output; cat < my\ dir/b\ c.md | cat | Write-Output`, ['aa', 'bc']],
])('%s', async (line, output) => {
  expect(await run(line)).toEqual({ output, errors: [] });
});

test('a native command writes to a file whose name has a blank', async () => {
  await run(String.raw`echo on > my\ dir/new\ one; 'x' | cat >> my\ dir/new\ one`);
  expect(readFileSync(join(folder, 'my dir', 'new one'), 'utf8')).toBe('on\nx\n');
});

test.each<[line: string, message: string]>([
  ['Write-Output 1 < a.md', '< leads a file to commands of the shell only, and this is none: use cat FILE | …'],
  ['Invoke-Command srv1 "hostname"', 'it does not exist. A command to run stands in braces: { hostname }'],
  ["icm srv1 'ls -l /tmp'", 'A command to run stands in braces: { ls -l /tmp }'],
  ['icm srv1 -ScriptBlock hostname', 'A script block stands in braces: { hostname }'],
])('%s says what to type', async (line, message) => {
  const { output, errors } = await run(line);
  expect(output).toEqual([]);
  expect(errors).toEqual([expect.stringContaining(message)]);
});

test.each<[line: string, output: string[]]>([
  ['ls *.md | while read f; do echo "$f!"; done | Write-Output', ['a.md!']],
  ['for f in *.md x; do echo "$f"; done | Where-Object { $_ -like "*.md" }', ['a.md']],
  ["'b', 'a' | while read f; do echo $f; done | sort | Write-Output", ['a', 'b']],
  ['! ls nope 2> /dev/null | Out-Null; $?', ['True']],
  ['{ echo b; echo a; } | Sort-Object', ['a', 'b']],
  ["(cd 'my dir'; ls b*) | Sort-Object", ['b c.md']],
  ['if [ -f a.md ]; then cat a.md; fi | Write-Output; case x in x) echo y;; esac | Write-Output', ['aa', 'y']],
  ['$l = for f in 1 2; do echo $f; done; $l.Count', ['2']],
])('%s: a compound command of the shell is a stage', async (line, output) => {
  expect(await run(line)).toEqual({ output, errors: [] });
});
