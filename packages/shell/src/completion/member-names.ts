import type { Context } from '../language/context.ts';
import type { Expression } from '../language/syntax-tree.ts';
import { memberNames, readMember } from '../runtime/members.ts';
import { methodNames } from '../runtime/methods.ts';
import type { Scope } from '../runtime/scope.ts';

/** Properties and methods of what a variable holds; nothing is run to find out. */
export function memberNamesAt({ target, text }: Extract<Context, { kind: 'member' }>, scope: Scope): string[] {
  const value = peek(target, scope);
  if (value === undefined || value === null) return [];
  const names = [...propertyNames(value), ...methodNames(value).map((name) => `${name}(`)];
  return [...new Set(names)].filter((name) => name.toLowerCase().startsWith(text.toLowerCase()));
}

/** Properties of an object, or of the first of several. */
export function propertyNames(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'object' && first !== null ? memberNames(first) : ['Length'];
}

/** The value of a variable, or of a property of one; undefined for what would have to be run. */
export function peek(expression: Expression, scope: Scope): unknown {
  if (expression.kind === 'variable') return scope.get(expression.name);
  if (expression.kind === 'string') return expression.value;
  const { kind } = expression;
  if (kind !== 'member' || expression.isStatic || expression.name.kind !== 'string') return undefined;
  return readMember(peek(expression.target, scope), expression.name.value);
}
