import { parseBody } from './bodies.ts';
import { parseExpression } from './expressions.ts';
import type { ParseError } from './parse-error.ts';
import { parsePipelineOrAssignment } from './pipelines.ts';
import { type Grammar, Scanner } from './scanner.ts';
import { parseStatement } from './statements.ts';
import type { Script } from './syntax-tree.ts';

/** What was read; with errors (there is one at most) the script holds what stood before it. */
export type Parsed = { readonly script: Script; readonly errors: readonly ParseError[] };

const GRAMMAR: Grammar = {
  statement: parseStatement,
  pipeline: parsePipelineOrAssignment,
  expression: parseExpression,
};

/** Parses a line or a file; never throws, and reads each character at most a few times. */
export function parse(text: string): Parsed {
  return parseBlock(text);
}

/**
 * Parses a script block's text.
 * @param offset where the text begins in what the positions count in
 */
export function parseBlock(text: string, offset = 0): Parsed {
  const { script, scanner } = parseNoting(text, offset);
  return { script, errors: scanner.errors };
}

/** Parses a text and gives the scanner as well, with the tokens and what it expected at the end. */
export function parseNoting(text: string, offset = 0): { script: Script; scanner: Scanner } {
  const scanner = new Scanner(text, GRAMMAR, offset);
  const script = parseBody(scanner, '');
  return { script: { ...script, from: offset, to: scanner.end }, scanner };
}
