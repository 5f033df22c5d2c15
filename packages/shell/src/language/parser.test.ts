import { describe, expect, test } from 'vitest';
import { parse, parseBlock } from './parser.ts';
import { print } from './printer.ts';
import { showText, withoutSpans } from './show-tree.ts';

function expectPrintedAlike(text: string): void {
  const { script } = parse(text);
  expect(withoutSpans(parse(print(script)))).toEqual(withoutSpans({ script, errors: [] }));
}

describe('parse() reads a command', () => {
  test.each([
    ['Get-PSSession', 'Get-PSSession'],
    ['  Get-PSSession  ', 'Get-PSSession'],
    ['New-PSSession -ComputerName srv1, srv2 -Name ITTask', 'New-PSSession -ComputerName (, srv1 srv2) -Name ITTask'],
    ['New-PSSession srv1 ,srv2,\n srv3', 'New-PSSession (, srv1 srv2 srv3)'],
    ['Remove-PSSession -Id 1, 2 -Confirm:$false', 'Remove-PSSession -Id (, #1 #2) -Confirm:$false'],
    ['a -Name: x -Other', 'a -Name:x -Other'],
    ['a -Name:x,y', 'a -Name:(, x y)'],
    ['a \'it\'\'s\' "say ""hi"""', 'a \'it\'s\' "say "hi""'],
    ["a '`n$x'", "a '`n$x'"],
    ['a "tab`tnew`nquote`"dollar`$x`u{1F600}"', 'a "tab\tnew\nquote"dollar$x😀"'],
    ['a x`ty x` y', 'a x\ty x y'],
    ['a pre"in side"post', 'a prein sidepost'],
    ['a “curly” ‘too’ –Name', 'a "curly" \'too\' -Name'],
    ['a 1 -2 1.5 0x1F 1KB 1e3 1.2.3 5abc –5', 'a #1 #-2 #1.5 #31 #1024 #1000 1.2.3 5abc #-5'],
    ['a -- -Name x', 'a -Name x'],
    [
      'a --long user@host https://h:1/x?y=1 ~/x *.txt [ab]* !x',
      'a --long user@host https://h:1/x?y=1 ~/x *.txt [ab]* !x',
    ],
    ['a 60*60*15 1..5 =x ==', 'a 60*60*15 1..5 =x =='],
    ['a x # comment', 'a x'],
    ['a x#y <# between #> z', 'a x#y z'],
    ['a x `\n y `\r\n z', 'a x y z'],
    ['a "$ 5$"', 'a "$ 5$"'],
    ['a $x.y[0].m(1, $b) $x[-1] "$x".Length', 'a (call. ([] (. $x y) #0) m #1 $b) ([] $x #-1) (. "$x" Length)'],
    ['a a$x $x/b ${x y}z $x.', 'a <a>$x $x</b> $x y<z> $x<.>'],
    ['a x$(b; c)y $env:HOME/x', 'a <x>${b; c}<y> $env:HOME</x>'],
    ['a (b | c) $(b) @(b; c) @{x = 1; \'y z\' = b} {b "}"}', 'a (b | c) ${b} @{b; c} @{x==#1; \'y z\'=b} {b "}"}'],
    ['a @splat @b', 'a @splat @b'],
    ["a @'\nx 'y'\n $z\n'@ b", "a @x 'y'\n $z@ b"],
    ['a @"\n"x" $z`t\n"@', 'a @<"x" >$z<\t>@'],
    ['a @\'\n\'@ @"\n"@', 'a @@ @@'],
    ['a > f 2>> g *>&1', 'a 1>f 2>>g *>&1'],
    ['a x>$f 2>&1', 'a x 1>$f 2>&1'],
    ['& $x 1; & "a b"; . ./x.sh; & { b } y; ./run -x', '&$x #1; &"a b"; . ./x.sh; &{ b } y; ./run -x'],
    ['a | % { $_.x } | ? Name -eq b', 'a | % { $_.x } | ? Name -eq b'],
    ['a |\n b\n| c', 'a | b | c'],
    ['a && b || c; d', '(|| (&& a b) c); d'],
    ['7z x y; .5 + 1', '7z x y; =(+ #0.5 #1)'],
    ['foreach-object x; if= y', 'foreach-object x; if= y'],
    ['a | foreach { x }', 'a | foreach { x }'],
  ])('%s', (text, shown) => {
    expect(showText(text)).toBe(shown);
    expectPrintedAlike(text);
  });
});

describe('parse() reads expressions', () => {
  test.each([
    ['1 + 2 * 3 - 4', '=(- (+ #1 (* #2 #3)) #4)'],
    ['1+1', '=(+ #1 #1)'],
    ['1..5', '=(.. #1 #5)'],
    ['-2..2 | a', '=(.. #-2 #2) | a'],
    ['- 5; - [int]$x; -!$x', '=(- #5); =(- ([int] $x)); =(- (-not $x))'],
    ['1 - -5', '=(- #1 #-5)'],
    ['$a - $b -1', '=(- (- $a $b) #1)'],
    ['10MB / 0xFF % 3', '=(% (/ #10485760 #255) #3)'],
    ['1 + 2, 3', '=(+ #1 (, #2 #3))'],
    [',1', '=(, #1)'],
    ['!$a -and $b -or $c', '=(-or (-and (-not $a) $b) $c)'],
    ['-not $a.b -xor !$c', '=(-xor (-not (. $a b)) (-not $c))'],
    ['$a -ieq 1 -cLike "x*"', '=(-clike (-eq $a #1) "x*")'],
    ['$a -eq-1', '=(-eq $a #-1)'],
    ['$a -is [int] -and $b', '=(-and (-is $a [int]) $b)'],
    ['$a -band 1 -eq 1', '=(-band $a (-eq #1 #1))'],
    ['$a ?? 1 -eq 1', '=(-eq (?? $a #1) #1)'],
    ["'{0:n2}' -f 1 * 2, 3", "=(* (-f '{0:n2}' #1) (, #2 #3))"],
    ['-split $a; -join $a, $b; $a -split ","', '=(-split $a); =(, (-join $a) $b); =(-split $a ",")'],
    ["[int]'5' + 1", "=(+ ([int] '5') #1)"],
    ['[int[]]1, 2', '=(, ([int[]] #1) #2)'],
    ['[Math]::Pi; [math]::Max(1, 2)', '=(:: [Math] Pi); =(call:: [math] Max #1 #2)'],
    ['[pscustomobject]@{ a = 1 }', '=([pscustomobject] @{a==#1})'],
    ['$a.b.c()', '=(call. (. $a b) c)'],
    ['$a[0].b', '=(. ([] $a #0) b)'],
    ["$a.'b c'.$d.(e)", "=(. (. (. $a 'b c') $d) (e))"],
    ['"$($x.y) ${a b} $env:HOME $x.y"', '="${=(. $x y)}< >$a b< >$env:HOME< >$x<.y>"'],
    ['$i++; --$i; $x.y++', '=(postfix++ $i); =(-- $i); =(postfix++ (. $x y))'],
    ['(1 +\n 2\n)\n$x', '=(=(+ #1 #2)); =$x'],
    ['@(1; 2\n3).Count', '=(. @{=#1; =#2; =#3} Count)'],
    ['@{ a = 1; "b c" = 2\n d-e = f g; 1 = $x }', '=@{a==#1; "b c"==#2; d-e=f g; #1==$x}'],
    ['{ a }', '={ a }'],
    ['$x > f', '=$x 1>f'],
    ['“x” –eq 1', '=(-eq "x" #1)'],
    ['$? -and $$', '=(-and $? $$)'],
  ])('%s', (text, shown) => {
    expect(showText(text)).toBe(shown);
    expectPrintedAlike(text);
  });
});

describe('parse() reads statements', () => {
  test.each([
    ['a x; b\r\n\n;c # end\nd', 'a x; b; c; d'],
    [' \n;; # only a comment', ''],
    ['exit', '(exit)'],
    ['a; EXIT 3', 'a; (exit =#3)'],
    ['$x = 5; $x.y += 1; $x[0] ??= a', '(= $x =#5); (+= (. $x y) =#1); (??= ([] $x #0) a)'],
    ['$a, $b = 1, 2', '(= (, $a $b) =(, #1 #2))'],
    ['[int]$a = "5"', '(= ([int] $a) ="5")'],
    ['$a = $b = a | b', '(= $a (= $b a | b))'],
    ['$x -= 1; $x–=1', '(-= $x =#1); (-= $x =#1)'],
    ['if ($a) { b }', '(if =$a {b})'],
    ['if (a) { b } elseif($c){ d }\nelse\n{ e; f }\ng', '(if a {b} elseif =$c {d} else {e; f}); g'],
    ['if (a) { b }\ng', '(if a {b}); g'],
    ['foreach ($x in 1..3) { $x }', '(foreach $x in =(.. #1 #3) {=$x})'],
    ['foreach ($x in a | b) {}', '(foreach $x in a | b {})'],
    ['for ($i = 0; $i -lt 5; $i++) { a }', '(for (= $i =#0) =(-lt $i #5) =(postfix++ $i) {a})'],
    ['for(;;){a}b', '(for - - - {a}); b'],
    ['for ($i = 0) { a }', '(for (= $i =#0) - - {a})'],
    ['do { a } while ($x); b', '(do {a} while =$x); b'],
    ['do\n{ a }\nuntil\n($x)', '(do {a} until =$x)'],
    [
      "switch -Wildcard -CaseSensitive ($x) { a* { b; c } '1' { } { $_ } { d } ; default { e } }",
      "(switch wildcard cased =$x a* {b; c} '1' {} { $_ } {d} default {e})",
    ],
    ['switch($x){1{a}$y{b}\n(c){d}}', '(switch exact =$x #1 {a} $y {b} (c) {d})'],
    [
      'try { a } catch [B], [C.D] { e }\ncatch { f }\nfinally { g } h',
      '(try {a} catch B,C.D{e} catch {f} finally {g}); h',
    ],
    ['try{a}finally{b}', '(try {a} finally {b})'],
    [
      'a | while read f; do echo "$f" | b; done 2>&1 | C-D x',
      'a | sh<while read f; do echo "$f" | b; done 2>&1> | C-D x',
    ],
    ['for f in *; do a; done && b; c', '(&& sh<for f in *; do a; done> b); c'],
    ['for ((i=0;i<3;i++)); do a\ndone # d\nb', 'sh<for ((i=0;i<3;i++)); do a\ndone>; b'],
    [
      'until a; do b; done | c; case $x in a|b) c;; esac | d',
      'sh<until a; do b; done> | c; sh<case $x in a|b) c;; esac> | d',
    ],
    ['if [ -f x ]; then a; fi | B-C', 'sh<if [ -f x ]; then a; fi> | B-C'],
    ['! ls nope | C-D', 'sh<! ls nope> | C-D'],
    ['{ ls; pwd; } | C-D; { ls } | C-D', 'sh<{ ls; pwd; }> | C-D; ={ ls } | C-D'],
    [
      '(cd /tmp; ls) | C-D; (ls) | C-D; a | (head -1; cat)',
      'sh<(cd /tmp; ls)> | C-D; =(ls) | C-D; a | sh<(head -1; cat)>',
    ],
    ['{ cat <<E\nb | c\nE\n} | C-D', 'sh<{ cat <<E\nb | c\nE\n}> | C-D'],
    ['if (a) { while b; do c; done | d }', '(if a {sh<while b; do c; done> | d})'],
    ['while ($true) { break; continue }', '(while =$true {(break); (continue)})'],
    ['$x = if (a) { 1 } else { 2 }', '(= $x (if a {=#1} else {=#2}))'],
    ['$x = foreach ($y in $z) { $y }', '(= $x (foreach $y in =$z {=$y}))'],
    [
      'function Get-X { param([int]$a = 1, $b) return $a } Get-X',
      '(function Get-X {param([int]$a=#1 $b) (return =$a)}); Get-X',
    ],
    ['function f($a, $b = 2) { throw "x" }', '(function f {param($a $b=#2) (throw ="x")})'],
    ['param($x = 1, [string[]]$y)\n a $x', 'param($x=#1 [string[]]$y) a $x'],
    ['(a)', '=(a)'],
    ['($x = 5) + 1', '=(+ ((= $x =#5)) #1)'],
  ])('%s', (text, shown) => {
    expect(showText(text)).toBe(shown);
    expectPrintedAlike(text);
  });
});

test('parse() gives the positions of every node, counted from the offset of a block', () => {
  const text = 'Get-X -Id 1, 2 b | c > d -- # e';
  for (const offset of [0, 100]) {
    const { script } = parseBlock(text, offset);
    const [pipeline] = script.statements;
    if (pipeline?.kind !== 'pipeline') throw new Error('no pipeline');
    const [first] = pipeline.stages;
    const elements = first?.kind === 'command' ? first.elements : [];
    expect(
      [script, pipeline, ...pipeline.stages, ...elements].map(({ from, to }) => text.slice(from - offset, to - offset)),
    ).toEqual([text, 'Get-X -Id 1, 2 b | c > d --', 'Get-X -Id 1, 2 b', 'c > d --', '-Id', '1, 2', 'b']);
  }
});
