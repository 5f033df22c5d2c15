import { PARAMETER, parseArgument, parseArgumentValue, parseElement, startsArguments } from './arguments.ts';
import { endsWord, isDash } from './characters.ts';
import { readInput, readRedirection } from './redirections.ts';
import type { Scanner } from './scanner.ts';
import type { Command, CommandElement, Expression, Redirection } from './syntax-tree.ts';
import { parseWord } from './words.ts';

const DOT = /\.(?=[\s"'\u2018-\u201e$({])/uy;

/** No native command is written like a cmdlet: `Verb-Noun`. */
const CMDLET_NAME = /^[A-Z][A-Za-z]*-[A-Z]\w*$/u;

/** Reads a command with its arguments and redirections. */
export function parseCommand(scanner: Scanner): Command {
  const outside = scanner.inNativeWords;
  scanner.inNativeWords = false;
  const command = readCommand(scanner);
  scanner.inNativeWords = outside;
  return command;
}

function readCommand(scanner: Scanner): Command {
  const from = scanner.at;
  const invocation = readInvocation(scanner);
  const name = invocation === 'name' ? parseName(scanner) : parseArgumentValue(scanner);
  scanner.inNativeWords = invocation === 'name' && name.kind === 'string' && !CMDLET_NAME.test(name.value);
  const elements: CommandElement[] = [];
  const redirections: Redirection[] = [];
  let to = name.to;
  let parametersOver = false;
  for (;;) {
    scanner.skipBlanks();
    if (scanner.at > to) expectElement(scanner, name, elements, parametersOver);
    if (atCommandEnd(scanner)) return { kind: 'command', invocation, name, elements, redirections, from, to };
    const redirection = readRedirection(scanner) ?? readInput(scanner);
    if (redirection !== undefined) {
      redirections.push(redirection);
      to = redirection.to;
    } else if (!parametersOver && startsArguments(scanner)) {
      parametersOver = true;
      scanner.take('operator', 2);
      to = scanner.at;
    } else {
      const element = parametersOver ? parseArgument(scanner) : parseElement(scanner);
      elements.push(element);
      to = element.to;
    }
  }
}

/** Says that an element comes: a parameter, or an argument, of the parameter before it. */
function expectElement(
  scanner: Scanner,
  name: Expression,
  elements: readonly CommandElement[],
  parametersOver: boolean,
): void {
  const last = elements.at(-1);
  scanner.expect({
    kind: isDash(scanner.char) && !parametersOver ? 'parameter' : 'argument',
    command: name.kind === 'string' ? name.value : undefined,
    parameter: last?.kind === 'parameter' && last.argument === undefined ? last.name : undefined,
    elements,
    from: scanner.at,
  });
}

function atCommandEnd(scanner: Scanner): boolean {
  return scanner.atStatementEnd || scanner.char === '|' || scanner.char === '&';
}

function readInvocation(scanner: Scanner): Command['invocation'] {
  const dot = scanner.match(DOT) !== undefined;
  if (scanner.char !== '&' && !dot) return 'name';
  scanner.take('operator', 1);
  scanner.skipBlanks();
  scanner.expect({ kind: 'command', from: scanner.at });
  return dot ? 'dot' : 'call';
}

/** The word that names a command. */
function parseName(scanner: Scanner): Expression {
  const from = scanner.at;
  const tokens = scanner.tokens.length;
  const parameter = scanner.match(PARAMETER)?.[0];
  if (parameter !== undefined)
    scanner.fail(`A command before ${parameter} is missing`, from, { to: from + parameter.length });
  if (endsWord(scanner.char)) scanner.failMissing('A command');
  const name = parseWord(scanner);
  if (name.kind === 'expandable') return name;
  scanner.tokens.length = tokens;
  scanner.note('command', from);
  return name.kind === 'number' ? { kind: 'string', value: name.text, quote: 'none', from, to: name.to } : name;
}
