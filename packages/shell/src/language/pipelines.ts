import { parseCommand } from './commands.ts';
import { parseExpression, startsExpression } from './expressions.ts';
import { peekKeyword, refuseForeignStatement } from './keywords.ts';
import { LONGEST_CHAIN } from './members.ts';
import { readRedirection } from './redirections.ts';
import type { Scanner } from './scanner.ts';
import { readShellStage } from './shell-stage.ts';
import type { Assignment, Expression, Pipeline, PipelineChain, Redirection, Stage, Statement } from './syntax-tree.ts';

const ASSIGNMENT = /(?:\?\?|[-+*/%\u2013-\u2015])?=/uy;
const ASSIGNMENTS: readonly Assignment['operator'][] = ['=', '+=', '-=', '*=', '/=', '%=', '??='];
const TARGETS = new Set<Expression['kind']>(['variable', 'member', 'index']);

/** Reads a pipeline, a chain of them, or an assignment. */
export function parsePipelineOrAssignment(scanner: Scanner): Statement {
  scanner.skipSpace();
  const stage = parseFirstStage(scanner);
  const isValue = stage.kind === 'expression' && stage.redirections.length === 0;
  const sign = isValue ? scanner.match(ASSIGNMENT)?.[0] : undefined;
  if (isValue && sign !== undefined) return parseAssignment(scanner, stage.expression, sign);
  return parseChain(scanner, parsePipeline(scanner, stage));
}

function parseChain(scanner: Scanner, first: Pipeline): Pipeline | PipelineChain {
  let left: Pipeline | PipelineChain = first;
  for (let length = 0; ; length++) {
    const operator = scanner.startsWith('&&') ? '&&' : scanner.startsWith('||') ? '||' : undefined;
    if (operator === undefined) break;
    if (length > LONGEST_CHAIN) scanner.fail('The chain is too long', scanner.at);
    readLink(scanner, operator);
    const right = parsePipeline(scanner, parseFirstStage(scanner));
    left = { kind: 'chain', left, operator, right, from: left.from, to: right.to };
  }
  if (scanner.char === '&')
    scanner.fail('& behind a command is not in this version: use Invoke-Command -AsJob', scanner.at);
  return left;
}

/** Reads the stages behind the first. */
function parsePipeline(scanner: Scanner, first: Stage): Pipeline {
  const stages = [first];
  let last = first;
  while (atPipe(scanner)) {
    readLink(scanner, '|');
    const shell = readShellStage(scanner, false);
    if (shell !== undefined) {
      stages.push((last = shell));
      scanner.skipBlanks();
      continue;
    }
    if (startsExpression(scanner)) scanner.fail('Only the first stage of a pipeline can be a value', scanner.at);
    last = parseCommand(scanner);
    stages.push(last);
  }
  return { kind: 'pipeline', stages, from: first.from, to: last.to };
}

/** `|`, here or at the beginning of a line below. */
function atPipe(scanner: Scanner): boolean {
  if (scanner.failed) return false;
  const found = (): boolean => scanner.char === '|' && scanner.next !== '|';
  return found() || (scanner.char !== '|' && scanner.lookPastLines(found) && !scanner.failed);
}

function readLink(scanner: Scanner, operator: string): void {
  scanner.take('operator', operator.length);
  scanner.skipSpace();
  scanner.expect({ kind: 'command', from: scanner.at });
  if (scanner.atEnd) scanner.failMissing(`A command behind ${operator}`);
}

function parseFirstStage(scanner: Scanner): Stage {
  const { at: from } = scanner;
  scanner.expect({ kind: 'command', from });
  const shell = readShellStage(scanner, true);
  if (shell !== undefined) {
    scanner.skipBlanks();
    return shell;
  }
  const keyword = peekKeyword(scanner);
  if (keyword !== undefined)
    scanner.fail(`${keyword} cannot stand here: put it in $( )`, from, { to: from + keyword.length });
  refuseForeignStatement(scanner);
  if (!startsExpression(scanner)) return parseCommand(scanner);
  const expression = parseExpression(scanner, true);
  const redirections: Redirection[] = [];
  for (;;) {
    const redirection = readRedirection(scanner);
    if (redirection === undefined) break;
    redirections.push(redirection);
    scanner.skipBlanks();
  }
  return { kind: 'expression', expression, redirections, from, to: redirections.at(-1)?.to ?? expression.to };
}

function parseAssignment(scanner: Scanner, target: Expression, sign: string): Assignment {
  const { at } = scanner;
  const plain = sign.replace(/^[\u2013-\u2015]/u, '-');
  const operator = ASSIGNMENTS.find((known) => known === plain) ?? '=';
  if (!isTarget(target)) scanner.fail('Nothing can be assigned to this', target.from, { to: target.to });
  scanner.take('operator', sign.length);
  if (scanner.char === '=') scanner.fail('== is -eq here', at, { to: at + 2 });
  scanner.skipSpace();
  scanner.expect({ kind: 'command', from: scanner.at });
  if (scanner.atEnd) scanner.failMissing('A value');
  const value = scanner.deeper(() => scanner.statement());
  return { kind: 'assignment', target, operator, value, from: target.from, to: value.to };
}

function isTarget(target: Expression): boolean {
  if (target.kind === 'cast') return isTarget(target.operand);
  return target.kind === 'array' ? target.items.every(isTarget) : TARGETS.has(target.kind);
}
