import { readType } from './primaries.ts';
import type { Scanner } from './scanner.ts';
import { readStatements } from './statement-list.ts';
import type { ParameterDeclaration, ScriptBody } from './syntax-tree.ts';
import { parseVariable } from './variables.ts';

const PARAM = /param(?=\s*\()/iuy;

/** Reads `param( … )`, if it is there, and the statements up to `close` or the end of the text. */
export function parseBody(scanner: Scanner, close: '}' | ''): ScriptBody {
  const from = scanner.at;
  scanner.skipSeparators();
  let parameters: ParameterDeclaration[] = [];
  if (scanner.match(PARAM) !== undefined) {
    scanner.take('keyword', 5);
    scanner.skipSpace();
    const declared = parseParameterList(scanner);
    if (!scanner.failed) parameters = declared;
  }
  return { kind: 'script', parameters, statements: readStatements(scanner, close), from, to: scanner.at };
}

/** Reads `( [type]$name = value, … )`. */
export function parseParameterList(scanner: Scanner): ParameterDeclaration[] {
  const parameters: ParameterDeclaration[] = [];
  scanner.enclosed('(', ')', () => {
    scanner.skipSpace();
    while (!scanner.atEnd && scanner.char !== ')') {
      parameters.push(parseParameterDeclaration(scanner));
      scanner.skipSpace();
      if (scanner.char !== ',') return;
      scanner.take('operator', 1);
      scanner.skipSpace();
      if (scanner.startsWith(')')) scanner.failMissing('A parameter');
    }
  });
  return parameters;
}

function parseParameterDeclaration(scanner: Scanner): ParameterDeclaration {
  const from = scanner.at;
  const type = scanner.char === '[' ? readType(scanner) : undefined;
  scanner.skipSpace();
  if (scanner.char === '[') scanner.fail('A parameter has one type in this version', scanner.at);
  if (scanner.char !== '$') scanner.failMissing('A variable');
  const variable = parseVariable(scanner);
  scanner.skipSpace();
  if (scanner.char !== '=') return { name: variable.name, type, initial: undefined, from, to: variable.to };
  scanner.take('operator', 1);
  scanner.skipSpace();
  const initial = scanner.expression(false);
  return { name: variable.name, type, initial, from, to: initial.to };
}
