import type {
  BinaryExpression,
  Expression,
  ExpandableString,
  IndexExpression,
  Statement,
} from '../language/syntax-tree.ts';
import { ARITHMETIC, complement, shiftedLong } from './arithmetic.ts';
import { comparison, matchGroups } from './comparison.ts';
import { readElement, setElement } from './elements.ts';
import { environmentName } from './environment-name.ts';
import { ErrorRecord } from './error-record.ts';
import { collect, collectList, type Execution } from './execution.ts';
import { Hashtable } from './hashtable.ts';
import { readMember, writeMember } from './members.ts';
import { callMethod, typeNameOf } from './methods.ts';
import { ScriptBlock } from './script-block.ts';
import { blockReplacement, replaceWithBlock } from './replace-with-block.ts';
import { joined, splitAtBlanks, textOperator } from './text-operators.ts';
import { fullTypeName, TypeLiteral } from './type-literal.ts';
import { callStatic, castTo, isOfType, readStatic } from './type-names.ts';
import { toBoolean, toNumber, toText } from './value-conversion.ts';

type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;
type Evaluators = { readonly [K in Expression['kind']]: (expression: Of<K>, execution: Execution) => unknown };

const EVALUATORS: Evaluators = {
  string: ({ value }) => value,
  number: ({ value }) => value,
  expandable: expand,
  variable: readVariable,
  array: ({ items }, execution) => evaluateAll(items, execution),
  'array-subexpression': ({ body }, execution) => collectList(runInside(body.statements, execution)),
  subexpression: ({ body }, execution) => collect(runInside(body.statements, execution)),
  paren: ({ statement }, execution) => evaluateParen(statement, execution),
  hashtable: evaluateHashtable,
  'script-block': ({ text }) => new ScriptBlock(text),
  type: ({ name }) => new TypeLiteral(name),
  cast: async ({ type, operand }, execution) => castTo(type, await evaluate(operand, execution)),
  member: evaluateMember,
  call: evaluateCall,
  index: evaluateIndex,
  unary: evaluateUnary,
  binary: evaluateBinary,
};

/** Works out an expression; undefined: commands in it gave nothing at all. @throws ErrorRecord, and what its commands throw */
export async function evaluate(expression: Expression, execution: Execution): Promise<unknown> {
  // Kind and expression belong together; the union cannot be narrowed by a computed key.
  const evaluator = EVALUATORS[expression.kind] as (expression: Expression, execution: Execution) => unknown;
  return evaluator(expression, execution);
}

/** Sets a variable, member or element, or several from a list. @throws ErrorRecord AssignmentTarget */
export async function assign(target: Expression, value: unknown, execution: Execution): Promise<void> {
  switch (target.kind) {
    case 'variable':
      return setVariable(target.name, value, execution);
    case 'cast':
      return assignTyped(target, value, execution);
    case 'array':
      return assignEach(target.items, Array.isArray(value) ? value : [value], execution);
    case 'member':
      return writeMember(
        await evaluate(target.target, execution),
        toText(await evaluate(target.name, execution)),
        value,
      );
    case 'index':
      return setElement(await evaluate(target.target, execution), await evaluate(target.index, execution), value);
    default:
      throw new ErrorRecord('AssignmentTarget', 'InvalidOperation', 'What is left of = is nothing that can be set.');
  }
}

/** `$env:name` is the shell's own. */
async function readVariable({ name }: Of<'variable'>, { scope, services }: Execution): Promise<unknown> {
  const variable = environmentName(name);
  if (variable === undefined) return scope.read(name);
  return (await services.nativeShell.environment()).get(variable) ?? null;
}

/** Nothing and the empty string unset what is in the environment, as in PowerShell (about_Environment_Variables). */
async function setVariable(name: string, value: unknown, { scope, services }: Execution): Promise<void> {
  const variable = environmentName(name);
  if (variable === undefined) return scope.set(name, value);
  const text = toText(value);
  await services.nativeShell.export(variable, text === '' ? undefined : text);
}

/** Statements whose results an expression takes. */
function runInside(statements: readonly Statement[], execution: Execution): AsyncGenerator<unknown> {
  return execution.run(statements, { ...execution, screen: undefined });
}

/** `[int]$x = …`: the variable keeps its type. */
async function assignTyped({ type, operand }: Of<'cast'>, value: unknown, execution: Execution): Promise<void> {
  if (operand.kind === 'variable') execution.scope.declare(operand.name, value, (one) => castTo(type, one));
  else await assign(operand, castTo(type, value), execution);
}

/** One value each; the last takes all that is left. */
async function assignEach(targets: readonly Expression[], values: unknown[], execution: Execution): Promise<void> {
  for (const [index, target] of targets.entries()) {
    const takesRest = index === targets.length - 1 && values.length > targets.length;
    await assign(target, takesRest ? values.slice(index) : (values[index] ?? null), execution);
  }
}

async function evaluateHashtable({ entries }: Of<'hashtable'>, execution: Execution): Promise<Hashtable> {
  const table = new Hashtable();
  for (const { key, value } of entries)
    table.set(await evaluate(key, execution), (await valueOf(value, execution)) ?? null);
  return table;
}

async function evaluateAll(items: readonly Expression[], execution: Execution): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const item of items) values.push((await evaluate(item, execution)) ?? null);
  return values;
}

async function expand({ parts }: ExpandableString, execution: Execution): Promise<string> {
  let text = '';
  for (const part of parts) text += typeof part === 'string' ? part : toText(await evaluate(part, execution));
  return text;
}

/** What a statement gives as a value; an expression's own, so that an empty list stays one. */
export async function valueOf(statement: Statement, execution: Execution): Promise<unknown> {
  const stage = statement.kind === 'pipeline' && statement.stages.length === 1 ? statement.stages[0] : undefined;
  if (stage?.kind === 'expression' && stage.redirections.length === 0) return evaluate(stage.expression, execution);
  return collect(runInside([statement], execution));
}

/** An assignment in parentheses gives its value. */
async function evaluateParen(statement: Statement, execution: Execution): Promise<unknown> {
  const value = await valueOf(statement, execution);
  return statement.kind === 'assignment' ? evaluate(statement.target, execution) : value;
}

async function evaluateMember({ target, name, isStatic }: Of<'member'>, execution: Execution): Promise<unknown> {
  const key = toText(await evaluate(name, execution));
  if (isStatic && target.kind === 'type') return readStatic(target.name, key);
  return readMember(await evaluate(target, execution), key) ?? null;
}

async function evaluateCall(expression: Of<'call'>, execution: Execution): Promise<unknown> {
  const { target, name, isStatic } = expression;
  const key = toText(await evaluate(name, execution));
  const values = await evaluateAll(expression.arguments, execution);
  if (isStatic && target.kind === 'type') return callStatic(target.name, key, values);
  const value = await evaluate(target, execution);
  if (key.toLowerCase() === 'gettype') return new TypeLiteral(typeNameOf(value));
  return callMethod(value, key, values);
}

async function evaluateIndex({ target, index }: IndexExpression, execution: Execution): Promise<unknown> {
  const value = await evaluate(target, execution);
  const at = await evaluate(index, execution);
  if (value === null || value === undefined) {
    throw new ErrorRecord('NullArray', 'InvalidOperation', 'Cannot index into a null array.');
  }
  return Array.isArray(at) && !(value instanceof Hashtable && value.has(at))
    ? at.map((one) => readElement(value, one)).filter((one) => one !== undefined)
    : (readElement(value, at) ?? null);
}

async function evaluateUnary({ operator, operand, postfix }: Of<'unary'>, execution: Execution): Promise<unknown> {
  const value = await evaluate(operand, execution);
  switch (operator) {
    case '-not':
      return !toBoolean(value);
    case '-':
      return -toNumber(value);
    case '+':
      return toNumber(value);
    case '-bnot':
      return complement(value);
    case '-join':
      return joined(value);
    case '-split':
      return splitAtBlanks(value);
    default: {
      const after = toNumber(value) + (operator === '++' ? 1 : -1);
      await assign(operand, after, execution);
      return postfix ? toNumber(value) : after;
    }
  }
}

async function evaluateBinary({ operator, left, right }: BinaryExpression, execution: Execution): Promise<unknown> {
  const first = await evaluate(left, execution);
  if (operator === '-and') return toBoolean(first) && toBoolean(await evaluate(right, execution));
  if (operator === '-or') return toBoolean(first) || toBoolean(await evaluate(right, execution));
  if (operator === '??') return first ?? (await evaluate(right, execution));
  const second = await evaluate(right, execution);
  if (isLong(left) && (operator === '-shl' || operator === '-shr')) return shiftedLong(operator, first, second);
  const replacement = blockReplacement(operator, second);
  if (replacement !== undefined) return replaceWithBlock(first, replacement, execution);
  return applyOperator(operator, first, second, execution);
}

/** `[long]1`: what a number was cast to is seen where it is written only, since all numbers here are of one kind. */
function isLong(expression: Expression): boolean {
  return expression.kind === 'cast' && fullTypeName(expression.type) === 'System.Int64';
}

/** What a binary operator makes of two values. @throws ErrorRecord */
export function applyOperator(operator: string, left: unknown, right: unknown, execution: Execution): unknown {
  const compare = comparison(operator);
  if (compare !== undefined) {
    const result = compare(left, right);
    const groups = result === true ? matchGroups(operator, left, right) : undefined;
    if (groups !== undefined) execution.scope.set('Matches', new Hashtable(groups));
    return result;
  }
  const operation = ARITHMETIC[operator] ?? textOperator(operator);
  if (operation !== undefined) return operation(left, right);
  switch (operator) {
    case '-xor':
      return toBoolean(left) !== toBoolean(right);
    case '-is':
      return isOfType(toText(right), left);
    case '-isnot':
      return !isOfType(toText(right), left);
    case '-as':
      return castOrNull(toText(right), left);
    default:
      throw new ErrorRecord('UnknownOperator', 'NotImplemented', `The operator ${operator} is not in this version.`);
  }
}

function castOrNull(type: string, value: unknown): unknown {
  try {
    return castTo(type, value);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}
