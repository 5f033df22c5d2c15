import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endOfFirstCommand } from './shell-continuation.ts';
import { expectLinear } from '../testing/expect-linear.ts';

const INCOMPLETE = [
  'for i in 1 2; do',
  'for i in 1 2',
  'for ((i=0; i<3; i++))',
  'for ((i=0; i<3',
  'while true; do echo x',
  'until false\ndo',
  'select x in a b; do',
  'if true; then',
  'if true; then echo a; else',
  'if true; then echo a; elif false',
  'case $x in',
  'case $x',
  'case $x in a) echo a;;',
  'case $x in (a|b) echo a',
  'case $x in a) case $y in b) echo;; esac',
  '{ echo a',
  '(echo a',
  '(echo a; (echo b)',
  'f() {',
  'f()',
  'f () { if true; then',
  'function f',
  'function f {',
  "echo 'a",
  'echo "a',
  'echo "a $(echo b',
  'echo "${x:-a',
  'echo $(echo a',
  'echo $((1 +',
  'echo `date',
  "echo $'a\\'",
  'echo a |',
  'echo a | # why',
  'echo a ||',
  'echo a &&\n',
  'echo a |&',
  'cat <<EOF',
  'cat <<EOF\nline',
  "cat <<-'E O'\n\tline",
  'cat <<A <<B\na\nA\nb',
  'a=(1 2',
  'echo <(ls',
  'echo @(a|b',
  'echo $(case x in a) echo b;;',
  '((1 + 2',
];

const COMPLETE = [
  '',
  'ls',
  "ls -l # it isn't open",
  'echo \'a\' "b" `c`',
  "echo it\\'s",
  'for i in 1 2; do echo $i; done',
  'for i in if then; do echo $i; done',
  'for ((i=0; i<3; i++)); do echo $i; done',
  'while true; do break; done | cat',
  'if true; then echo a; else echo b; fi',
  'case $x in a) echo a;; b|c) echo b;& (d) echo;;& *) ;; esac',
  'case $x in esac',
  'case in in in) ;; esac',
  '{ echo a; } 2>/dev/null',
  '{ (echo a) }',
  '(echo a) && (echo b)',
  'f() { echo "}"; }',
  'function f { echo; }',
  'f() (echo)',
  'echo "a $(echo ")" b) c"',
  'echo ${x:-"a}b"} ${#x} $#',
  'echo $((1 + (2 * 3))) $(( (1) ))',
  'echo $((echo a); echo b)',
  '((i++)) || ((j--))',
  'echo done; echo fi; echo }',
  'echo if then do {',
  "cat <<EOF\nit's $(open\nEOF",
  'cat <<-EOF\n\ttext\n\tEOF',
  'cat <<< "here" > out',
  'cat <<A <<B\na\nA\nb\nB',
  'echo $(cat <<E\nx)\nE\n)',
  'a=(1 2 "3 4" $(ls)) b+=(x)',
  '[[ $a == b* && ( -n $c || $d =~ ^(x|y)$ ) ]]',
  'echo @(a|b) !(c)',
  'diff <(ls a) <(ls b)',
  'sleep 5 &',
  'echo a > f; echo b >> f 2>&1 <&-',
  'echo a \\\n  b',
  '! true',
  'time { sleep 1; }',
  'if (true) then echo; fi',
  'echo a#b "#" #c',
  '$(echo ls) "$@"',
];

/** What bash would refuse: it is to be sent, so that bash says so. */
const INVALID = [
  'done',
  'echo a)',
  'fi',
  'if true; then done',
  'echo (a',
  'a && || b',
  '| a',
  '}',
  'for x in a; do fi',
  ';;',
  'cat <',
];

function isIncompleteCommand(text: string): boolean {
  let rest = text;
  do {
    const end = endOfFirstCommand(rest);
    if (end === undefined) return true;
    rest = rest.slice(end);
  } while (rest !== '');
  return false;
}

describe('the end of a command', () => {
  test.each(INCOMPLETE)('asks for more after %j', (text) => expect(isIncompleteCommand(text)).toBe(true));
  test.each(COMPLETE)('takes %j', (text) => expect(isIncompleteCommand(text)).toBe(false));
  test.each(INVALID)('does not hold back %j', (text) => expect(isIncompleteCommand(text)).toBe(false));

  // Read from a file, bash calls this a syntax error; at a prompt it asks.
  test('asks for more inside a test', () => expect(isIncompleteCommand('[[ -n $x &&')).toBe(true));

  test('joins a line that ends with a backslash', () => {
    expect(isIncompleteCommand('echo a \\')).toBe(true);
    expect(isIncompleteCommand('echo a \\\\')).toBe(false);
  });

  test('agrees with bash about the lists above', () => {
    const asksForMore = (text: string): boolean => {
      const { stderr } = spawnSync('bash', ['--norc', '-O', 'extglob', '-n'], {
        input: `${text}\n`,
        env: { LC_ALL: 'C' },
      });
      return /unexpected end of file|unexpected EOF|delimited by end-of-file/.test(stderr.toString());
    };
    expect(COMPLETE.filter(asksForMore)).toEqual([]);
    expect(INCOMPLETE.filter((text) => !asksForMore(text))).toEqual([]);
    expect(INVALID.filter(asksForMore)).toEqual([]);
  });

  test('ends for any text, quickly', () => {
    const words = fc.constantFrom(
      'if',
      'then',
      'fi',
      'do',
      'done',
      'case',
      'in',
      'esac',
      '{',
      '}',
      '(',
      ')',
      '((',
      '))',
      '"',
      "'",
      '`',
      '$(',
      '${',
      '<<E',
      '\n',
      ';;',
      '|',
      '&&',
      '\\',
      'x',
      ' ',
      '#',
      '=(',
      '[[',
      ']]',
    );
    fc.assert(
      fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
        isIncompleteCommand(parts.join(' '));
        isIncompleteCommand(parts.join(''));
      }),
      { numRuns: 3000 },
    );
    expectLinear(
      (count) => expect(isIncompleteCommand(`${'echo "a b $(c)" | d && '.repeat(count)}e`)).toBe(false),
      2500,
    );
  });

  test.each([
    ['echo a\necho b', 'echo a\n'],
    ['for i in 1 2; do\n  echo $i\ndone\nls', 'for i in 1 2; do\n  echo $i\ndone\n'],
    ['cat <<A <<B; echo c\na\nA\nls\nB\npwd', 'cat <<A <<B; echo c\na\nA\nls\nB\n'],
    ['f() {\n  ls\n}\nf', 'f() {\n  ls\n}\n'],
    ['echo a \\\n  b |\n  cat\nls', 'echo a \\\n  b |\n  cat\n'],
    ["echo 'a\nb'\nls", "echo 'a\nb'\n"],
    ['a=(1\n2)\nls', 'a=(1\n2)\n'],
    // What bash refuses on its first line is that line; else all that follows is bash's to judge.
    ['echo )\nls', 'echo )\n'],
    ['for i in 1; do\nfi\nls', 'for i in 1; do\nfi\nls'],
  ])('%j begins with %j', (text, first) => expect(text.slice(0, endOfFirstCommand(text))).toBe(first));
});
