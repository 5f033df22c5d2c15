import { isDash } from './characters.ts';
import { expectMember, LONGEST_CHAIN, parseMembers, startsMember } from './members.ts';
import { NUMBER_BEFORE_OPERATOR } from './number-literal.ts';
import { peekOperator, peekUnaryWord } from './operators.ts';
import { missingValue, parsePrimary, readType, startsMarkedValue } from './primaries.ts';
import type { Scanner } from './scanner.ts';
import type { Expression, UnaryOperator } from './syntax-tree.ts';
import { startsSplatted } from './variables.ts';

const INCREMENT = /\+\+|[-\u2013-\u2015]{2}/uy;
const DASHED_NAME = /.[\p{L}_?]/uy;
const COUNTED = new Set<Expression['kind']>(['variable', 'member', 'index']);

/** Reads an expression: PowerShell's expression mode. Without `commas` one ends it. */
export function parseExpression(scanner: Scanner, commas: boolean): Expression {
  const expression = parseBinary(scanner, 0, commas);
  if (scanner.char === '?' && scanner.next !== '?') scanner.fail('? : is not in this version', scanner.at);
  return expression;
}

/** True where a stage of a pipeline is a value and not a command. */
export function startsExpression(scanner: Scanner): boolean {
  const { char } = scanner;
  if (startsMarkedValue(scanner) || startsSplatted(scanner) || (char !== '' && '[!,+'.includes(char))) return true;
  if (isDash(char)) return peekUnaryWord(scanner) !== undefined || scanner.match(DASHED_NAME) === undefined;
  return scanner.match(NUMBER_BEFORE_OPERATOR) !== undefined;
}

/** Operators of `level` and stronger ones, by precedence climbing; all group to the left. */
function parseBinary(scanner: Scanner, level: number, commas: boolean): Expression {
  let left = parseArray(scanner, commas);
  for (let length = 0; ; length++) {
    scanner.skipBlanks();
    const operator = peekOperator(scanner);
    if (operator === undefined || operator.level < level) return left;
    if (length > LONGEST_CHAIN) scanner.fail('The expression is too long', scanner.at);
    scanner.take('operator', operator.length);
    scanner.skipSpace();
    const right = parseBinary(scanner, operator.level + 1, commas);
    left = { kind: 'binary', operator: operator.name, left, right, from: left.from, to: right.to };
  }
}

/** `a, b` binds stronger than every operator between two values. */
function parseArray(scanner: Scanner, commas: boolean): Expression {
  const first = parseUnary(scanner, commas);
  scanner.skipBlanks();
  if (!commas || scanner.char !== ',') return first;
  const items = [first];
  while (scanner.char === ',') {
    scanner.take('operator', 1);
    scanner.skipSpace();
    items.push(parseUnary(scanner, commas));
    scanner.skipBlanks();
  }
  return { kind: 'array', items, from: first.from, to: items.at(-1)?.to ?? first.to };
}

function parseUnary(scanner: Scanner, commas: boolean): Expression {
  scanner.skipBlanks();
  const from = scanner.at;
  if (commas && scanner.char === ',') {
    scanner.take('operator', 1);
    const item = parseOperand(scanner, commas);
    return { kind: 'array', items: [item], from, to: item.to };
  }
  if (scanner.char === '[') return parseTyped(scanner, commas);
  const operator = peekUnary(scanner);
  if (operator === undefined) return parsePostfix(scanner);
  scanner.take('operator', operator.length);
  const operand = parseOperand(scanner, commas);
  const { name } = operator;
  if (name === '++' || name === '--') requireCounted(scanner, operand);
  return { kind: 'unary', operator: name, operand, postfix: false, from, to: operand.to };
}

function parseOperand(scanner: Scanner, commas: boolean): Expression {
  scanner.skipSpace();
  return scanner.deeper(() => parseUnary(scanner, commas));
}

function peekUnary(scanner: Scanner): { name: UnaryOperator; length: number } | undefined {
  const { char } = scanner;
  if (char === '!') return { name: '-not', length: 1 };
  if (char !== '+' && !isDash(char)) return undefined;
  if (scanner.match(INCREMENT) !== undefined) return { name: char === '+' ? '++' : '--', length: 2 };
  const { at } = scanner;
  if (char === '+') return startsNumberAt(scanner, at + 1) ? undefined : { name: '+', length: 1 };
  return peekUnaryWord(scanner) ?? (startsNumberAt(scanner, at + 1) ? undefined : { name: '-', length: 1 });
}

/** A sign right before a number is a part of it. */
function startsNumberAt(scanner: Scanner, at: number): boolean {
  const before = scanner.at;
  scanner.at = at;
  const found = scanner.match(NUMBER_BEFORE_OPERATOR) !== undefined;
  scanner.at = before;
  return found;
}

/** `[type]` alone, before what is converted, or with one of its own members. */
function parseTyped(scanner: Scanner, commas: boolean): Expression {
  const from = scanner.at;
  const name = readType(scanner);
  if (name === undefined) return missingValue({ from, to: from });
  const type: Expression = { kind: 'type', name, from, to: scanner.at };
  if (startsMember(scanner)) return parseMembers(scanner, type);
  expectMember(scanner, type);
  scanner.skipBlanks();
  if (scanner.char === ',' || !startsExpression(scanner)) return type;
  const operand = scanner.deeper(() => parseUnary(scanner, commas));
  return { kind: 'cast', type: name, operand, from, to: operand.to };
}

function parsePostfix(scanner: Scanner): Expression {
  const operand = parseMembers(scanner, parsePrimary(scanner));
  if (!COUNTED.has(operand.kind)) return operand;
  scanner.skipBlanks();
  const { char, at } = scanner;
  if (scanner.match(INCREMENT) === undefined) return operand;
  scanner.take('operator', 2);
  const operator = char === '+' ? '++' : '--';
  return { kind: 'unary', operator, operand, postfix: true, from: operand.from, to: at + 2 };
}

function requireCounted(scanner: Scanner, { kind, from, to }: Expression): void {
  if (!COUNTED.has(kind))
    scanner.fail('Only a variable, a member or an element can be counted up or down', from, { to });
}
