import { parsePipelineOrAssignment } from './pipelines.ts';
import type { Scanner } from './scanner.ts';
import { readStatements } from './statement-list.ts';
import type { Block, Statement } from './syntax-tree.ts';

/** Reads a keyword of so many letters. */
export function readKeyword(scanner: Scanner, length: number): void {
  scanner.take('keyword', length);
}

/** Reads `( pipeline )`. */
export function parseCondition(scanner: Scanner): Statement {
  return inParentheses(scanner, () => parsePipelineOrAssignment(scanner));
}

/** Reads what stands in parentheses, which must be there. */
export function inParentheses<T>(scanner: Scanner, read: () => T): T {
  scanner.skipSpace();
  if (scanner.char !== '(') scanner.failMissing('(');
  return scanner.enclosed('(', ')', read);
}

/** Reads `{ statements }`. */
export function parseBlock(scanner: Scanner): Block {
  scanner.skipSpace();
  if (scanner.char !== '{') scanner.failMissing('{');
  const from = scanner.at;
  const statements = scanner.enclosed('{', '}', () => readStatements(scanner, '}'));
  return { kind: 'block', statements, from, to: scanner.at };
}
