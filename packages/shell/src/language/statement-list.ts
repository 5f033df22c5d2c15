import { isNewline } from './characters.ts';
import type { Scanner } from './scanner.ts';
import type { Statement } from './syntax-tree.ts';

/** These end with a brace of their own, and need no separator. */
const CLOSED = new Set<Statement['kind']>(['if', 'foreach', 'while', 'for', 'switch', 'try', 'function']);

/** Reads statements up to `close` or the end of the text; one that was not understood is left out. */
export function readStatements(scanner: Scanner, close: ')' | '}' | ''): Statement[] {
  const statements: Statement[] = [];
  for (;;) {
    scanner.skipSeparators();
    scanner.expect({ kind: 'command', from: scanner.at });
    if (scanner.atEnd || scanner.char === close) return statements;
    const statement = scanner.statement();
    scanner.skipBlanks();
    const { char } = scanner;
    const parted = char === '' || char === ';' || isNewline(char) || CLOSED.has(statement.kind);
    if (!parted && char !== close) scanner.failMissing('; or the end of the line');
    if (scanner.failed) return statements;
    statements.push(statement);
    if (scanner.atEnd) return statements;
  }
}
