import { parseArgumentValue } from './arguments.ts';
import { isDash } from './characters.ts';
import { parsePipelineOrAssignment } from './pipelines.ts';
import { readType } from './primaries.ts';
import type { Scanner } from './scanner.ts';
import { inParentheses, parseBlock, parseCondition, readKeyword } from './statement-parts.ts';
import type {
  Block,
  DoStatement,
  ForStatement,
  Statement,
  SwitchCase,
  SwitchStatement,
  TryStatement,
} from './syntax-tree.ts';

const OPTION = /[-\u2013-\u2015](regex|wildcard|exact|casesensitive)(?=[\s(]|$)/iuy;
const UNKNOWN_OPTION = /[-\u2013-\u2015][a-z]+(?=[\s(:]|$)/iuy;
const DEFAULT = /default(?=[\s{]|$)/iuy;
const LOOP_END = /(?:while|until)(?=[\s(]|$)/iuy;
const CATCH = /catch(?=[\s{[]|$)/iuy;
const FINALLY = /finally(?=[\s{]|$)/iuy;

/** Reads `for (initial; condition; step) { … }`; each of the three may be left out. */
export function parseFor(scanner: Scanner): ForStatement {
  const from = scanner.at;
  readKeyword(scanner, 3);
  const head = inParentheses(scanner, () => {
    const initial = parsePart(scanner);
    const condition = readSemicolon(scanner) ? parsePart(scanner) : undefined;
    const step = readSemicolon(scanner) ? parsePart(scanner) : undefined;
    return { initial, condition, step };
  });
  return { kind: 'for', ...head, body: parseBlock(scanner), from, to: scanner.at };
}

function parsePart(scanner: Scanner): Statement | undefined {
  scanner.skipSpace();
  return scanner.char === ';' || scanner.char === ')' ? undefined : parsePipelineOrAssignment(scanner);
}

function readSemicolon(scanner: Scanner): boolean {
  scanner.skipSpace();
  if (scanner.char !== ';') return false;
  scanner.take('operator', 1);
  return true;
}

/** Reads `do { … } while (…)` and `do { … } until (…)`. */
export function parseDo(scanner: Scanner): DoStatement {
  const from = scanner.at;
  readKeyword(scanner, 2);
  const body = parseBlock(scanner);
  scanner.skipSpace();
  const word = scanner.match(LOOP_END)?.[0].toLowerCase();
  if (word === undefined) scanner.failMissing('while or until');
  else readKeyword(scanner, word.length);
  return { kind: 'do', body, until: word === 'until', condition: parseCondition(scanner), from, to: scanner.at };
}

/** Reads `switch -wildcard (…) { pattern { … } default { … } }`. */
export function parseSwitch(scanner: Scanner): SwitchStatement {
  const from = scanner.at;
  readKeyword(scanner, 6);
  const options = readOptions(scanner);
  const value = parseCondition(scanner);
  scanner.skipSpace();
  if (scanner.char !== '{') scanner.failMissing('{');
  const cases: SwitchCase[] = [];
  scanner.enclosed('{', '}', () => {
    scanner.skipSeparators();
    while (!scanner.atEnd && scanner.char !== '}') {
      const one = parseCase(scanner, cases);
      if (scanner.failed) return;
      cases.push(one);
      scanner.skipSeparators();
    }
  });
  return { kind: 'switch', ...options, value, cases, from, to: scanner.at };
}

function readOptions(scanner: Scanner): Pick<SwitchStatement, 'match' | 'caseSensitive'> {
  let match: SwitchStatement['match'] = 'exact';
  let caseSensitive = false;
  for (;;) {
    scanner.skipSpace();
    if (!isDash(scanner.char)) return { match, caseSensitive };
    const name = scanner.match(OPTION)?.[1]?.toLowerCase();
    const { length } = scanner.match(UNKNOWN_OPTION)?.[0] ?? '-';
    if (name === undefined) {
      const { at } = scanner;
      scanner.fail(`switch ${scanner.slice(at, at + length)} is not in this version`, at, { to: at + length });
    } else if (name === 'casesensitive') caseSensitive = true;
    else if (name === 'regex' || name === 'wildcard') match = name;
    scanner.take('parameter', length);
  }
}

function parseCase(scanner: Scanner, others: readonly SwitchCase[]): SwitchCase {
  const from = scanner.at;
  let pattern: SwitchCase['pattern'];
  if (scanner.match(DEFAULT) !== undefined) {
    if (others.some((other) => other.pattern === undefined)) scanner.fail('There is a default already', from);
    readKeyword(scanner, 7);
  } else pattern = parseArgumentValue(scanner);
  return { pattern, body: parseBlock(scanner), from, to: scanner.at };
}

/** Reads `try { … } catch [Type] { … } finally { … }`. */
export function parseTry(scanner: Scanner): TryStatement {
  const from = scanner.at;
  readKeyword(scanner, 3);
  const body = parseBlock(scanner);
  const catches: TryStatement['catches'][number][] = [];
  while (!scanner.failed && scanner.lookPastLines(() => scanner.match(CATCH) !== undefined)) {
    readKeyword(scanner, 5);
    const types = readTypes(scanner);
    catches.push({ types, body: parseBlock(scanner) });
  }
  let lastly: Block | undefined;
  if (!scanner.failed && scanner.lookPastLines(() => scanner.match(FINALLY) !== undefined)) {
    readKeyword(scanner, 7);
    lastly = parseBlock(scanner);
  }
  if (catches.length === 0 && lastly === undefined) scanner.failMissing('catch or finally');
  return { kind: 'try', body, catches, lastly, from, to: scanner.at };
}

function readTypes(scanner: Scanner): string[] {
  const types: string[] = [];
  scanner.skipSpace();
  while (scanner.char === '[') {
    types.push(readType(scanner) ?? '');
    scanner.skipSpace();
    if (!scanner.startsWith(',')) break;
    scanner.take('operator', 1);
    scanner.skipSpace();
    if (!scanner.startsWith('[')) scanner.failMissing('A type');
  }
  return types;
}
