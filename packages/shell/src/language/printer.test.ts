import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from './parser.ts';
import { print } from './printer.ts';
import { withoutSpans } from './show-tree.ts';
import type {
  Block,
  Command,
  CommandElement,
  ExpandableString,
  Expression,
  ParameterDeclaration,
  Pipeline,
  PipelineChain,
  Redirection,
  Script,
  Statement,
  StringExpression,
  SwitchCase,
  VariableExpression,
} from './syntax-tree.ts';

const SPAN = { from: 0, to: 0 };
const COMPARISONS = '-eq -cne -like -notlike -cmatch -replace -split -join -in -contains'.split(' ');
/** The operators between values from the weakest to the strongest. */
const LEVELS = ['-and -or -xor', '-band -bor -bxor', COMPARISONS.join(' '), '??', '+ -', '* / %', '-f', '..'];
const PIECES = [
  'a',
  ' ',
  '\n',
  '\r',
  '"',
  "'",
  '“',
  '’',
  '`',
  '$',
  '$x',
  '.',
  '[',
  ':',
  '-',
  '–',
  '@',
  '#',
  '{',
  '1',
  '"@',
];
const TRAPS =
  'if for default try do switch catch 5 1.5 0x1F .5 -5 -- 2>&1 param $( && <# ~ * foreach @x ! + , [x] ::y ??'.split(
    ' ',
  );

const simpleName = fc.stringMatching(/^[a-zA-Z_]\w{0,5}$/u);
const name = fc.oneof(
  simpleName,
  fc.constantFrom('x', '_', 'env:HOME', 'a b', 'ü', '?', '1'),
  fc.stringMatching(/^[^{}]{1,5}$/u),
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.array(fc.constantFrom(...PIECES, "'@", '\0'), { maxLength: 5 }).map((parts) => parts.join('')),
  fc.constantFrom(...TRAPS),
);

function toVariable(value: string, splatted = false): VariableExpression {
  return { kind: 'variable', name: value, splatted, ...SPAN };
}

const variable = name.map((value) => toVariable(value));
const number = fc
  .constantFrom<[number, string]>(
    [5, '5'],
    [-5, '-5'],
    [1.5, '1.5'],
    [1024, '1kb'],
    [31, '0x1F'],
    [0.5, '.5'],
    [1000, '1e3'],
  )
  .map(([value, written]): Expression => ({ kind: 'number', value, text: written, ...SPAN }));
const quoted = fc
  .record({ value: text, quote: fc.constantFrom<StringExpression['quote']>('single', 'double', 'here') })
  .map((string): StringExpression => ({ kind: 'string', ...string, ...SPAN }));
const bare = text
  .filter((value) => value !== '')
  .map((value): StringExpression => ({ kind: 'string', value, quote: 'none', ...SPAN }));
const memberName = simpleName.map((value): StringExpression => ({ kind: 'string', value, quote: 'none', ...SPAN }));
const type = fc.constantFrom('int', 'string[]', 'System.Text.StringBuilder', 'List[int]');

/** There is a variable, else it would be a plain string; and no two texts stand next to each other. */
function toExpandable(parts: ExpandableString['parts'], quote: ExpandableString['quote']): ExpandableString {
  const kept = parts.filter(
    (part, at) => part !== '' && (typeof part !== 'string' || typeof parts[at - 1] !== 'string'),
  );
  const isPlain = kept.every((part) => typeof part === 'string');
  // A word that begins with a variable and ends behind it is the variable.
  const head = quote === 'none' ? [toVariable('v'), '/'] : [toVariable('v')];
  const needsHead = isPlain || (quote === 'none' && typeof kept[0] !== 'string');
  return { kind: 'expandable', parts: needsHead ? joinTexts([...head, ...kept]) : kept, quote, ...SPAN };
}

function joinTexts(parts: ExpandableString['parts']): ExpandableString['parts'] {
  return parts.reduce<ExpandableString['parts'][number][]>((joined, part) => {
    const last = joined.at(-1);
    return typeof part === 'string' && typeof last === 'string'
      ? [...joined.slice(0, -1), last + part]
      : [...joined, part];
  }, []);
}

/** In an argument a number's members would be text. */
function canBeArgument(expression: Expression): boolean {
  if (expression.kind === 'member' || expression.kind === 'index' || expression.kind === 'call') {
    return canBeArgument(expression.target);
  }
  return expression.kind !== 'number';
}

/** A tree as a text without parentheses has it: weaker operators outside, each between what binds stronger. */
function toBinary(first: Expression, others: readonly Expression[], choices: readonly number[]): Expression {
  let left = first;
  LEVELS.toReversed().forEach((operators, at) => {
    const right = others[at % Math.max(others.length, 1)];
    const choice = choices[at] ?? 0;
    const names = operators.split(' ');
    const operator = names[choice % names.length];
    if (choice % 3 !== 0 || right === undefined || operator === undefined) return;
    left = { kind: 'binary', operator, left, right, ...SPAN };
  });
  return left;
}

type Trees = {
  script: Script;
  block: Block;
  statement: Statement;
  simple: Statement;
  chain: Pipeline | PipelineChain;
  pipeline: Pipeline;
  command: Command;
  argument: Expression;
  value: Expression;
  bracketed: Expression;
  target: Expression;
  primary: Expression;
  unary: Expression;
  expression: Expression;
};

/** Trees as the parser makes them. */
const { script } = fc.letrec<Trees>((tie) => {
  const deep = { maxDepth: 3, depthIdentifier: 'tree' } as const;
  const optional = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined });
  const statements = fc.array(tie('statement'), { maxLength: 3 });
  const subexpression = tie('block').map((body) => ({ kind: 'subexpression', body, ...SPAN }) as const);
  const expandable = fc
    .tuple(
      fc.array(fc.oneof(deep, text, variable, subexpression), { maxLength: 4 }),
      fc.constantFrom<ExpandableString['quote']>('none', 'double', 'here'),
    )
    .map(([parts, quote]) => toExpandable(parts, quote));
  const unaryWithoutComma = tie('unary').filter(({ kind }) => kind !== 'array');
  const body = fc
    .record({
      parameters: fc.array(
        fc
          .record({ name, type: optional(type), initial: optional(unaryWithoutComma) })
          .map((declaration): ParameterDeclaration => ({ ...declaration, ...SPAN })),
        { maxLength: 2 },
      ),
      statements,
    })
    .map((parts): Script => ({ kind: 'script', ...parts, ...SPAN }));
  const element = fc.oneof(
    deep,
    simpleName.map((value) => toVariable(value, true)),
    tie('argument'),
    fc
      .record({ name: fc.stringMatching(/^[A-Za-z_?][\w?-]{0,4}$/u), argument: optional(tie('argument')) })
      .map((parameter): CommandElement => ({ kind: 'parameter', ...parameter, ...SPAN })),
  );
  const redirection = fc
    .record({
      stream: fc.constantFrom<Redirection['stream']>(2, 3, 4, 5, 6, '*'),
      target: fc.oneof(fc.constant({ stream: 1 } as const), fc.record({ file: tie('value'), append: fc.boolean() })),
    } as const)
    .map((parts): Redirection => ({ kind: 'redirection', ...parts, ...SPAN }));
  const input = tie('value').map((file): Redirection => ({
    kind: 'redirection',
    stream: 0,
    target: { file, append: false },
    ...SPAN,
  }));
  return {
    script: body,
    block: statements.map((list) => ({ kind: 'block', statements: list, ...SPAN })),
    statement: fc.oneof(
      deep,
      tie('simple'),
      fc
        .record({
          clauses: fc.array(fc.record({ condition: tie('simple'), body: tie('block') }), {
            minLength: 1,
            maxLength: 2,
          }),
          otherwise: optional(tie('block')),
        })
        .map((parts): Statement => ({ kind: 'if', ...parts, ...SPAN })),
      fc
        .record({ variable, collection: tie('simple'), body: tie('block') })
        .map((parts): Statement => ({ kind: 'foreach', ...parts, ...SPAN })),
      fc
        .record({ condition: tie('simple'), body: tie('block') })
        .map((parts): Statement => ({ kind: 'while', ...parts, ...SPAN })),
      fc
        .record({
          initial: optional(tie('simple')),
          condition: optional(tie('simple')),
          step: optional(tie('simple')),
          body: tie('block'),
        })
        .map((parts): Statement => ({ kind: 'for', ...parts, ...SPAN })),
      fc
        .record({ body: tie('block'), until: fc.boolean(), condition: tie('simple') })
        .map((parts): Statement => ({ kind: 'do', ...parts, ...SPAN })),
      fc
        .record({
          match: fc.constantFrom('exact', 'wildcard', 'regex'),
          caseSensitive: fc.boolean(),
          value: tie('simple'),
          cases: fc.array(
            fc.record({ pattern: tie('value'), body: tie('block') }).map((one): SwitchCase => ({ ...one, ...SPAN })),
            { maxLength: 2 },
          ),
          otherwise: optional(tie('block')),
        } as const)
        .map(({ otherwise, cases, ...parts }): Statement => {
          const last = otherwise === undefined ? [] : [{ pattern: undefined, body: otherwise, ...SPAN }];
          return { kind: 'switch', ...parts, cases: [...cases, ...last], ...SPAN };
        }),
      fc
        .record({
          body: tie('block'),
          catches: fc.array(fc.record({ types: fc.array(type, { maxLength: 2 }), body: tie('block') }), {
            minLength: 1,
            maxLength: 2,
          }),
          lastly: optional(tie('block')),
        })
        .map((parts): Statement => ({ kind: 'try', ...parts, ...SPAN })),
      fc.record({ name: simpleName, body }).map((parts): Statement => ({ kind: 'function', ...parts, ...SPAN })),
      fc
        .record({ kind: fc.constantFrom('exit', 'return', 'throw'), value: optional(tie('simple')) } as const)
        .map((parts): Statement => ({ ...parts, ...SPAN })),
      fc.constantFrom('break', 'continue').map((kind): Statement => ({ kind, value: undefined, ...SPAN })),
    ),
    simple: fc.oneof(
      deep,
      tie('chain'),
      fc
        .record({
          target: tie('target'),
          operator: fc.constantFrom('=', '+=', '-=', '*=', '/=', '%=', '??='),
          value: tie('statement'),
        } as const)
        .map((parts): Statement => ({ kind: 'assignment', ...parts, ...SPAN })),
    ),
    chain: fc
      .tuple(
        tie('pipeline'),
        fc.array(fc.tuple(fc.constantFrom<'&&' | '||'>('&&', '||'), tie('pipeline')), { maxLength: 2 }),
      )
      .map(([first, others]) =>
        others.reduce<Pipeline | PipelineChain>(
          (left, [operator, right]) => ({ kind: 'chain', left, operator, right, ...SPAN }),
          first,
        ),
      ),
    pipeline: fc
      .tuple(
        fc.oneof(
          deep,
          tie('command'),
          fc
            .record({ expression: tie('expression'), redirections: fc.array(redirection, { maxLength: 1 }) })
            .map((parts) => ({ kind: 'expression', ...parts, ...SPAN }) as const),
        ),
        fc.array(tie('command'), { maxLength: 2 }),
      )
      .map(([first, others]): Pipeline => ({ kind: 'pipeline', stages: [first, ...others], ...SPAN })),
    command: fc
      .record({
        invocation: fc.constantFrom<Command['invocation']>('name', 'call', 'dot'),
        name: bare,
        elements: fc.array(element, { maxLength: 3 }),
        redirections: fc.array(fc.oneof(redirection, input), { maxLength: 2 }),
      })
      .map((parts): Command => ({ kind: 'command', ...parts, ...SPAN })),
    argument: fc.oneof(
      deep,
      tie('value'),
      fc
        .array(tie('value'), { minLength: 2, maxLength: 3 })
        .map((items): Expression => ({ kind: 'array', items, ...SPAN })),
    ),
    value: fc.oneof(deep, bare, number, tie('bracketed'), tie('target').filter(canBeArgument), expandable),
    bracketed: fc.oneof(
      deep,
      quoted,
      expandable.filter(({ quote }) => quote !== 'none'),
      subexpression,
      tie('simple').map((statement): Expression => ({ kind: 'paren', statement, ...SPAN })),
      tie('block').map((inner): Expression => ({ kind: 'array-subexpression', body: inner, ...SPAN })),
      fc
        .array(fc.record({ key: fc.oneof(memberName, quoted, number, variable), value: tie('statement') }), {
          maxLength: 2,
        })
        .map((entries): Expression => ({ kind: 'hashtable', entries, ...SPAN })),
      fc
        .constantFrom(' a { "}" } ', '', 'x')
        .map((inner): Expression => ({ kind: 'script-block', text: inner, ...SPAN })),
    ),
    target: fc.oneof(
      deep,
      variable,
      fc
        .record({ target: tie('primary'), name: fc.oneof(memberName, quoted, variable), isStatic: fc.boolean() })
        .filter((member) => member.name.kind !== 'string' || member.name.quote !== 'here')
        .map((parts): Expression => ({ kind: 'member', ...parts, ...SPAN })),
      fc
        .record({ target: tie('primary'), index: tie('expression') })
        .map((parts): Expression => ({ kind: 'index', ...parts, ...SPAN })),
    ),
    primary: fc.oneof(
      deep,
      variable,
      tie('bracketed'),
      tie('target'),
      fc
        .record({
          target: tie('primary'),
          name: memberName,
          isStatic: fc.boolean(),
          arguments: fc.array(unaryWithoutComma, { maxLength: 2 }),
        })
        .map((parts): Expression => ({ kind: 'call', ...parts, ...SPAN })),
    ),
    unary: fc.oneof(
      deep,
      number,
      tie('primary'),
      fc
        .record({
          operator: fc.constantFrom('-', '+', '-not', '-join', '-split', '-bnot'),
          operand: unaryWithoutComma,
        } as const)
        .map((parts): Expression => ({ kind: 'unary', postfix: false, ...parts, ...SPAN })),
      fc
        .record({ operator: fc.constantFrom('++', '--'), operand: tie('target'), postfix: fc.boolean() } as const)
        .map((parts): Expression => ({ kind: 'unary', ...parts, ...SPAN })),
      fc.record({ type, operand: unaryWithoutComma }).map((parts): Expression => ({ kind: 'cast', ...parts, ...SPAN })),
      tie('unary').map((item): Expression => ({ kind: 'array', items: [item], ...SPAN })),
    ),
    expression: fc
      .tuple(
        tie('unary'),
        fc.array(tie('unary'), { maxLength: 3 }),
        fc.array(fc.nat({ max: 30 }), { maxLength: 8 }),
        fc.boolean(),
      )
      .map(([first, others, choices, isArray]) => {
        const items = isArray && others.length > 0 ? [first, ...others] : [];
        const left: Expression = items.length > 0 ? { kind: 'array', items, ...SPAN } : first;
        return toBinary(left, others, choices);
      }),
  };
});

describe('print()', () => {
  test.each([
    ['Get-X  -Name:a,b $x.y   # c', 'Get-X -Name:a, b $x.y'],
    ['a;b\nc|d&&e', 'a\nb\nc | d && e'],
    ['if($x){a}elseif(b){}else{c;d}', 'if ($x) { a } elseif (b) { } else { c; d }'],
    ['a `-x "5"  5"" i""f\ni""f "`t`“"', 'a `-x "5" 5"" if\ni\'\'f "\t`“"'],
    ['$x=@{a=1;"b"=2}', '$x = @{ a = 1; "b" = 2 }'],
    ['function f($a){return $a}', 'function f { param($a); return $a }'],
    ['for(;;){a}', 'for (; ; ) { a }'],
    ['do{a}until($x)', 'do { a } until ($x)'],
    ['switch -regex($x){a{b};default{c}}', 'switch -regex ($x) { a { b }; default { c } }'],
    ['try{a}catch[B],[C]{d}finally{}', 'try { a } catch [B], [C] { d } finally { }'],
    ['"${x}y $x.y $(a)"', '"${x}y $x.y $(a)"'],
  ])('%s', (written, printed) => expect(print(parse(written).script)).toBe(printed));

  test('gives a text with the same tree', () => {
    fc.assert(
      fc.property(script, (tree) => {
        const printed = print(tree);
        const { script: parsed, errors } = parse(printed);
        expect(errors, printed).toEqual([]);
        expect(withoutSpans(parsed), printed).toEqual(withoutSpans(tree));
      }),
      { numRuns: 3000 },
    );
  });
});
