import { describe, expect, test } from 'vitest';
import { sessionFixture } from '@holdfast/protocol/testing';
import { PSSession } from '../client/ps-session.ts';
import { CommandTable } from './command-table.ts';
import { FunctionTable } from './function-table.ts';
import { ownsLine, type LineContext } from './owns-line.ts';
import { ScriptBlock } from './script-block.ts';

const functions = new FunctionTable();
functions.define('deploy', new ScriptBlock(''));
const local: LineContext = { commands: new CommandTable(), functions, host: { entered: undefined } };

const OURS = String.raw`
Get-PSSession
get-pssession -ComputerName srv1
gsn
Get-PSSession | grep srv1
deploy now
if ($x -gt 1) { 'a' }
if (1 -eq 1) { ls }
foreach ($s in 1..3) { $s }
while ($true) { break }
function Get-Load { uptime }
function add($a, $b) { $a + $b }
$x = 5
$s = New-PSSession srv1
$x
$x.Length
$x[0]
$x | Select-Object -First 1
$x++
$x + 1
$x -eq 2
$env:HOME
$d = date
$a, $b = 1, 2
$list += 'x'
6 * 7
42
1..10
-5 + 3
'text'
"text $x"
'a' + 'b'
"a" -eq "b"
(1 + 2) * 3
(Get-PSSession).Count
(Get-PSSession)
@(1, 2, 3)
@{ a = 1 }
[math]::PI
[int]'5'
[datetime]::Now
ls | Where-Object { $_ -like '*.md' }
ls | ForEach-Object { $_ }
cat /etc/passwd | Select-Object -First 3
ps aux | Where-Object {
1, 2, 3
-not $true
!$x
Get-PSSesion
1 | ForEach-Object { $_ * 2 }
ls *.md; Get-PSSession
ls *.md && Get-PSSession
if ($x == 5) { 1 }
$x == 5
2 ** 8
6 x 7
ls | select -First 2
ls | Were-Object { $_ }
ls | while read f; do echo $f; done | Select-Object -First 1
for f in *.md; do echo $f; done | Where-Object { $_ }
! ls nope | Out-Null
{ ls; pwd; } | Sort-Object
(cd /tmp; ls) | Select-Object -First 1
case $x in a) echo a;; esac | Sort-Object
if [ -f x ]; then cat x; fi | Sort-Object
for ($i = 0; $i -lt 3; $i++) { $i }
for (;;) { break }
do { 1 } while ($false)
do { $i++ } until ($i -gt 3)
do {
switch ($x) { 1 { 'one' } default { 'many' } }
switch -wildcard ($x) { 'a*' { 1 } }
switch -file log.txt { a { 1 } }
try { Get-PSSession srv1 } catch { $_ } finally { 'done' }
try {
throw 'bad'
throw
trap { 'x' }
class Point { [int]$x }
enum Colour { Red }
filter Get-Odd { $_ }
using namespace System.IO
:outer foreach ($x in 1..3) { break outer }
$x ? 1 : 2
$x.Count ? 'a' : 'b'
function Foo { param($x) "x=$x args=$args" }
function foo { param([int]$x, $y = 2) $x + $y }
function Get-Load {
& $block
`;

const SHELLS = String.raw`
ls
ls -la /tmp
cd /tmp
git status
if [ -f README.md ]; then echo yes; fi
if (grep -q x file); then echo yes; fi
for i in 1 2; do echo $i; done
while read line; do echo $line; done
while (true); do sleep 1; done
case $x in a) echo a;; esac
function hello { echo hello; }
hello() { echo hello; }
$EDITOR file
$HOME/bin/tool -x
$cmd --flag
(cd /tmp; pwd)
(ls)
(cd /tmp && ls) | wc -l
x=5
x=5 make
[ -f file ]
[[ -f file ]]
./run.sh
/usr/bin/env
~/bin/tool
"my program" --version
'/opt/my tool/run' a b
7z x archive.7z
2to3 file.py
echo "$x"
echo 'it' | tr a-z A-Z
ls | grep md
ls | sort | uniq -c
! true
{ echo a; echo b; }
sort file
sleep 3
history
select
time ls
sudo -i
vim
cat <<EOF
awk '{ print $1 }' file
sed -n 's/a/b/p' file
apt-get update
update-alternatives --list editor
systemctl status ssh
export X=1
make |& tee log
ls |& cat
echo "use ls | Where-Object x"
git commit -m 'cat x | Sort-Object now'
# ls | Sort-Object
cd /tmp; $EDITOR
A=1; $A
for ((i=0; i<3; i++)); do echo $i; done
for f in *; do
do
trap 'echo x' EXIT
trap - INT
try this
throw ball
class notes
data=5
switch
function Foo { echo "$1"; }
function foo { parameters; }
using things
ls | while read f; do echo $f; done
{ ls; pwd; } | sort
(cd /tmp; ls) | while read f; do echo $f | tr a b; done
! ls nope | cat
where() { ls; }
gcm () { git commit; }
alias gcm='git commit -m'
$x ?
ls; 6
`;

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

test('short names that the local shell has are its own at its prompt, in any stage', () => {
  const commands = new CommandTable();
  const context = { ...local, commands };
  const lines = ['gcm -m x', 'ls | where Length', 'where x', 'ls | Where-Object Length | where x', 'Get-Command'];
  expect(lines.map((line) => ownsLine(line, context))).toEqual([true, true, true, true, true]);
  commands.leaveToShell(['gcm', 'where']);
  expect(lines.map((line) => ownsLine(line, context))).toEqual([false, false, false, true, true]);
  expect(ownsLine('GCM', context)).toBe(true);
});

describe('whose line is it', () => {
  test.each(lines(OURS))('%s is ours', (line) => expect(ownsLine(line, local)).toBe(true));
  test.each(lines(SHELLS))("%s is the shell's", (line) => expect(ownsLine(line, local)).toBe(false));

  test.each([
    ['Get-PSSession', true],
    ['gsn -ComputerName srv1', true],
    ['Get-PSSession | grep srv1', true],
    ['6 * 7', false],
    ['$x = 5', false],
    ['deploy now', false],
    ['ls | Where-Object { $_ }', false],
    ["if (1) { 'a' }", false],
  ])('at an entered prompt only what begins with a cmdlet is: %s', (line, isOurs) => {
    const entered = new PSSession(
      { computerName: 'srv1', clientId: '00000000-0000-4000-8000-000000000001', nextId: () => 1 },
      sessionFixture({ instanceId: '00000000-0000-4000-8000-000000000002', name: 'ITTask', createdAt: 0 }),
    );
    expect(ownsLine(line, { ...local, host: { entered } })).toBe(isOurs);
  });
});
