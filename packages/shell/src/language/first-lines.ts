import { parse } from './parser.ts';

/** What goes on with the statement above it, on a line of its own: a pipe, or another branch. */
const GOES_ON = /^(?:[^\S\n]*(?:#[^\n]*)?\n)*\s*(?:\|(?!\|)|(?:else|elseif|catch|finally)\b)/iu;

/** Nothing but the end of what stands before it, and a comment. */
const NOTHING = /^[\s;]*(?:#.*)?$/u;

/**
 * Index behind the lines of the first statement, with all others that begin on them. Undefined for a text that ends inside
 * them. What follows may be of another language; a statement with a fault ends with the line of the fault.
 */
export function endOfFirstLines(text: string): number | undefined {
  // By lines, twice as many each time: of a long text most is not looked at.
  for (let lines = 1; ; lines *= 2) {
    const to = behindLines(text, lines);
    const end = endWithin(text.slice(0, to));
    if (to === text.length || (end !== undefined && !GOES_ON.test(text.slice(end)))) return end;
  }
}

function endWithin(text: string): number | undefined {
  const { script, errors } = parse(text);
  const [error] = errors;
  const faultLine = error === undefined ? text.length : behindLine(text, error.span.from);
  let at = 0;
  let end = 0;
  for (const { from, to } of script.statements) {
    if (at > 0 && from >= end) break;
    at = to;
    end = Math.max(end, behindLine(text, to));
  }
  if (at > 0 && (error === undefined || NOTHING.test(text.slice(at, end)))) return end;
  return error?.incomplete === true ? undefined : Math.max(end, faultLine);
}

function behindLines(text: string, lines: number): number {
  let at = 0;
  for (let line = 0; line < lines && at < text.length; line++) at = behindLine(text, at);
  return at;
}

function behindLine(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline === -1 ? text.length : newline + 1;
}
