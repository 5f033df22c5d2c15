import { isQuote } from './characters.ts';
import { parseMarkedValue } from './primaries.ts';
import type { Scanner } from './scanner.ts';
import type { Expression } from './syntax-tree.ts';
import { startsVariable } from './variables.ts';

/** What hangs on a value, or is reckoned with it, without brackets; more is a text that no person wrote. */
export const LONGEST_CHAIN = 1000;

const NAME = /[\p{L}_][\p{L}\p{N}_]*/uy;
/** Behind this a member's name is still to come. */
const LAST_MARK = /(?:\.|::)$/uy;
const MEMBER = /(?:\.|::)(?=[\p{L}_'"\u2018-\u201e$(])/uy;

/** Reads the members, elements and calls behind a value, with no blank between: `.Name`, `::Name`, `[0]`, `.Name(1, 2)`. */
export function parseMembers(scanner: Scanner, value: Expression): Expression {
  let target = value;
  for (let length = 0; ; length++) {
    if (length > LONGEST_CHAIN) scanner.fail('The expression is too long', scanner.at);
    if (scanner.startsWith('[')) target = parseIndex(scanner, target);
    else if (startsMember(scanner)) target = parseMember(scanner, target);
    else if (scanner.startsWith('?.') || scanner.startsWith('?['))
      scanner.fail('?. and ?[ ] are not in this version', scanner.at);
    else break;
  }
  expectMember(scanner, target);
  return target;
}

/** Says that a member comes, if the text ends behind the mark before its name. */
export function expectMember(scanner: Scanner, target: Expression): void {
  const mark = scanner.match(LAST_MARK)?.[0];
  if (mark !== undefined) scanner.expect({ kind: 'member', target, from: scanner.at + mark.length });
}

export function startsMember(scanner: Scanner): boolean {
  return scanner.match(MEMBER) !== undefined;
}

function parseIndex(scanner: Scanner, target: Expression): Expression {
  const index = scanner.enclosed('[', ']', () => scanner.expression());
  return { kind: 'index', target, index, from: target.from, to: scanner.at };
}

function parseMember(scanner: Scanner, target: Expression): Expression {
  const isStatic = scanner.char === ':';
  scanner.take('operator', isStatic ? 2 : 1);
  scanner.expect({ kind: 'member', target, from: scanner.at });
  const name = parseMemberName(scanner);
  const { from } = target;
  if (scanner.char !== '(') return { kind: 'member', target, name, isStatic, from, to: scanner.at };
  const items = parseCallArguments(scanner);
  return { kind: 'call', target, name, isStatic, arguments: items, from, to: scanner.at };
}

function parseMemberName(scanner: Scanner): Expression {
  if (isQuote(scanner.char) || scanner.char === '(' || startsVariable(scanner)) return parseMarkedValue(scanner);
  const from = scanner.at;
  const value = scanner.read(NAME) ?? '';
  if (value === '') scanner.failMissing("A member's name");
  return { kind: 'string', value, quote: 'none', from, to: scanner.at };
}

function parseCallArguments(scanner: Scanner): Expression[] {
  const items: Expression[] = [];
  scanner.enclosed('(', ')', () => {
    scanner.skipSpace();
    if (scanner.char === ')') return;
    items.push(scanner.expression(false));
    scanner.skipSpace();
    while (scanner.char === ',') {
      scanner.take('operator', 1);
      items.push(scanner.expression(false));
      scanner.skipSpace();
    }
  });
  return items;
}
