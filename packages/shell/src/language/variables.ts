import type { Scanner } from './scanner.ts';
import type { SubExpression, VariableExpression } from './syntax-tree.ts';
import { readStatements } from './statement-list.ts';

const NAME = String.raw`(?:[\p{L}_][\p{L}\p{N}_]*:)?[\p{L}\p{N}_]+`;
const VARIABLE = new RegExp(String.raw`\$(?:\{([^}]*)\}|(${NAME}|[?$^]))`, 'uy');
const SPLATTED = new RegExp(`@(${NAME})`, 'uy');

/** `$name`, `${name}` or `$(` stand here, and not a mere `$`. */
export function startsVariable(scanner: Scanner): boolean {
  return scanner.char === '$' && ('({'.includes(scanner.next || ' ') || scanner.match(VARIABLE) !== undefined);
}

export function startsSplatted(scanner: Scanner): boolean {
  return scanner.char === '@' && scanner.match(SPLATTED) !== undefined;
}

/** Reads `$name` or, splatted, `@name`. */
export function parseVariable(scanner: Scanner): VariableExpression {
  const from = scanner.at;
  const splatted = scanner.char === '@';
  const match = scanner.match(splatted ? SPLATTED : VARIABLE);
  scanner.expect({ kind: 'variable', from });
  const name = match?.[1] ?? match?.[2] ?? '';
  if (match !== undefined) scanner.take('variable', match[0].length);
  if (match === undefined && scanner.next === '{') scanner.fail('${ has no closing }', from, { incomplete: true });
  else if (name === '') scanner.fail('A variable has a name', from, { to: scanner.at });
  return { kind: 'variable', name, splatted, from, to: scanner.at };
}

/** Reads `$( … )`. */
export function parseSubExpression(scanner: Scanner): SubExpression {
  const from = scanner.at;
  const statements = scanner.enclosed('$(', ')', () => readStatements(scanner, ')'));
  const body = { kind: 'block', statements, from, to: scanner.at } as const;
  return { kind: 'subexpression', body, from, to: scanner.at };
}

/** What stands for a value in a text: a variable or `$( … )`. */
export function parseExpansion(scanner: Scanner): VariableExpression | SubExpression {
  const { expected } = scanner;
  const expansion = scanner.next === '(' ? parseSubExpression(scanner) : parseVariable(scanner);
  // The text around it goes on.
  if (!scanner.atEnd) scanner.expect(expected);
  return expansion;
}
