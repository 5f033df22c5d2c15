import { describe, expect, test } from 'vitest';
import { contextAt } from './context.ts';

/** The context at `|`, shortened: its kind, what stands there, and whose it is. */
function contextOf(marked: string): unknown[] {
  const cursor = marked.indexOf('|');
  const text = marked.replace('|', '');
  const context = contextAt(text, cursor);
  if (context === undefined) return [];
  expect(text.slice(context.from, cursor)).toBe(context.text);
  const owner =
    context.kind === 'parameter' || context.kind === 'argument'
      ? [context.command, ...(context.parameter === undefined ? [] : [context.parameter])]
      : [];
  return [context.kind, context.text, ...owner, ...(context.within.length > 0 ? [context.within] : [])];
}

describe('contextAt()', () => {
  test.each<[string, unknown[]]>([
    ['|', ['command', '']],
    ['Get-P|', ['command', 'Get-P']],
    ['Get-P| -Name x', ['command', 'Get-P']],
    ['a; |', ['command', '']],
    ['a && Get-|', ['command', 'Get-']],
    ['(Get-|', ['command', 'Get-']],
    ['$x = Get-|', ['command', 'Get-']],
    ['$x = |', ['command', '']],
    ['if (Get-|', ['command', 'Get-']],
    ['if ($x) { Get-|', ['command', 'Get-']],
    ['foreach ($x in Get-|', ['command', 'Get-']],
    ['"$(Get-|', ['command', 'Get-']],
    ['@{ a = Get-|', ['command', 'Get-']],
    ['& Get-|', ['command', 'Get-']],
    ['a -|', ['parameter', '-', 'a']],
    ['a -Na|', ['parameter', '-Na', 'a']],
    ['a -Na| b', ['parameter', '-Na', 'a']],
    ['a x -Na|', ['parameter', '-Na', 'a']],
    ['a |', ['argument', '', 'a']],
    ['a b |', ['argument', '', 'a']],
    ['a b|', ['argument', 'b', 'a']],
    ['a -Name |', ['argument', '', 'a', 'Name']],
    ['a -Name we|', ['argument', 'we', 'a', 'Name']],
    ['a -Name:we|', ['argument', 'we', 'a', 'Name']],
    ['a -Name:|', ['argument', '', 'a', 'Name']],
    ['a -Name b, we|', ['argument', 'we', 'a', 'Name']],
    ['a -Name b,|', ['argument', '', 'a', 'Name']],
    ['a -Name b |', ['argument', '', 'a']],
    ["a -Name 'we b|", ['argument', "'we b", 'a', 'Name']],
    ['a -Name "we $x b|', ['argument', '"we $x b', 'a', 'Name']],
    ['a we$x/b|', ['argument', 'we$x/b', 'a']],
    ['a $x/b|', ['argument', '$x/b', 'a']],
    ['a -- -we|', ['argument', '-we', 'a']],
    ['a > fi|', ['file', 'fi']],
    ['a > |', ['file', '']],
    ['$na|', ['variable', '$na']],
    ['a $na|', ['variable', '$na']],
    ['a "b $na|', ['variable', '$na']],
    ['$x -eq $na|', ['variable', '$na']],
    ['$x.|', ['member', '']],
    ['$x.Na|', ['member', 'Na']],
    ['a $x.|', ['member', '']],
    ['a $x.Na|', ['member', 'Na']],
    ['$x[0].Na|', ['member', 'Na']],
    ['(a).Na|', ['member', 'Na']],
    ['[Math]::|', ['member', '']],
    ['a { Get-|', ['command', 'Get-', ['a']]],
    ['a b { c { $_.|', ['member', '', ['a', 'c']]],
    ['a { b } |', ['argument', '', 'a']],
    ['a # |', []],
    ["a 'b'|", []],
    ['(a)|', []],
    ['$x |', []],
    ['$x -eq |', []],
    ['a ) b|', []],
  ])('%s', (marked, context) => expect(contextOf(marked)).toEqual(context));

  test('gives the elements before an argument and what a member is of', () => {
    expect(contextAt('a b -c ', 7)).toMatchObject({ elements: [{ value: 'b' }, { name: 'c' }] });
    expect(contextAt('$x.y.', 5)).toMatchObject({ target: { kind: 'member', name: { value: 'y' } } });
  });
});
