import { parseBody, parseParameterList } from './bodies.ts';
import { parseDo, parseFor, parseSwitch, parseTry } from './control-statements.ts';
import { peekKeyword } from './keywords.ts';
import { parsePipelineOrAssignment } from './pipelines.ts';
import type { Scanner } from './scanner.ts';
import { startsCompound } from './shell-stage.ts';
import { inParentheses, parseBlock, parseCondition, readKeyword } from './statement-parts.ts';
import type {
  Block,
  FlowStatement,
  ForeachStatement,
  FunctionStatement,
  IfStatement,
  Statement,
  WhileStatement,
} from './syntax-tree.ts';
import { parseVariable } from './variables.ts';

const ELSE_IF = /elseif(?=[\s(]|$)/iuy;
const ELSE = /else(?=[\s{]|$)/iuy;
const IN = /in(?=[\s("'$@]|$)/iuy;
const FUNCTION_NAME = /[^\s;|&(){},<>'"`$@#\u2018-\u201e]+/uy;

const PARSERS: Readonly<Record<string, (scanner: Scanner) => Statement>> = {
  if: parseIf,
  foreach: parseForeach,
  while: parseWhile,
  for: parseFor,
  do: parseDo,
  switch: parseSwitch,
  try: parseTry,
  function: parseFunction,
};

/** Reads a statement: by its keyword, or else a pipeline, chain or assignment. */
export function parseStatement(scanner: Scanner): Statement {
  const keyword = startsCompound(scanner) ? undefined : peekKeyword(scanner);
  switch (keyword) {
    case undefined:
      return parsePipelineOrAssignment(scanner);
    case 'return':
    case 'exit':
    case 'throw':
    case 'break':
    case 'continue':
      return parseFlow(scanner, keyword);
    default:
      return (PARSERS[keyword] ?? parsePipelineOrAssignment)(scanner);
  }
}

function parseIf(scanner: Scanner): IfStatement {
  const from = scanner.at;
  const clauses: IfStatement['clauses'][number][] = [];
  let otherwise: Block | undefined;
  do {
    readKeyword(scanner, scanner.char.toLowerCase() === 'i' ? 2 : 6);
    const condition = parseCondition(scanner);
    clauses.push({ condition, body: parseBlock(scanner) });
  } while (scanner.lookPastLines(() => scanner.match(ELSE_IF) !== undefined) && !scanner.failed);
  if (scanner.lookPastLines(() => scanner.match(ELSE) !== undefined)) {
    readKeyword(scanner, 4);
    otherwise = parseBlock(scanner);
  }
  return { kind: 'if', clauses, otherwise, from, to: scanner.at };
}

function parseForeach(scanner: Scanner): ForeachStatement {
  const from = scanner.at;
  readKeyword(scanner, 7);
  const { variable, collection } = inParentheses(scanner, () => {
    scanner.skipSpace();
    if (scanner.char !== '$') scanner.failMissing('A variable');
    const variable = parseVariable(scanner);
    scanner.skipSpace();
    if (scanner.match(IN) === undefined) scanner.failMissing('in');
    else scanner.take('keyword', 2);
    return { variable, collection: parsePipelineOrAssignment(scanner) };
  });
  const body = parseBlock(scanner);
  return { kind: 'foreach', variable, collection, body, from, to: scanner.at };
}

function parseWhile(scanner: Scanner): WhileStatement {
  const from = scanner.at;
  readKeyword(scanner, 5);
  const condition = parseCondition(scanner);
  const body = parseBlock(scanner);
  return { kind: 'while', condition, body, from, to: scanner.at };
}

function parseFunction(scanner: Scanner): FunctionStatement {
  const from = scanner.at;
  readKeyword(scanner, 8);
  scanner.skipSpace();
  const nameFrom = scanner.at;
  const name = scanner.read(FUNCTION_NAME) ?? '';
  if (name === '') scanner.failMissing("The function's name");
  scanner.note('command', nameFrom);
  scanner.skipSpace();
  const listed = scanner.char === '(' ? parseParameterList(scanner) : undefined;
  scanner.skipSpace();
  if (scanner.char !== '{') scanner.failMissing('{');
  const bodyFrom = scanner.at;
  const inner = scanner.enclosed('{', '}', () => parseBody(scanner, '}'));
  if (listed !== undefined && inner.parameters.length > 0) {
    scanner.fail('The parameters stand behind the name or in param( ), not in both', bodyFrom);
  }
  const parameters = listed ?? inner.parameters;
  const body = { ...inner, parameters, from: bodyFrom, to: scanner.at };
  return { kind: 'function', name, body, from, to: scanner.at };
}

function parseFlow(scanner: Scanner, kind: FlowStatement['kind']): FlowStatement {
  const from = scanner.at;
  readKeyword(scanner, kind.length);
  const to = scanner.at;
  scanner.skipBlanks();
  if (scanner.atStatementEnd) return { kind, value: undefined, from, to };
  if (kind === 'break' || kind === 'continue') scanner.fail(`${kind} takes no label in this version`, scanner.at);
  const value = parsePipelineOrAssignment(scanner);
  return { kind, value, from, to: value.to };
}
