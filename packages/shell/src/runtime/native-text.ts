import { resolve } from 'node:path';
import { quoteWord, shellWord } from '../client/shell-words.ts';
import type {
  Command,
  CommandElement,
  Expression,
  Redirection,
  ShellStage,
  WordPiece,
} from '../language/syntax-tree.ts';
import { environmentName } from './environment-name.ts';
import { ErrorRecord } from './error-record.ts';
import { evaluate } from './evaluate.ts';
import type { Execution } from './execution.ts';
import { toList, toText } from './value-conversion.ts';

/** A native stage; `name` is what its first word came to. A compound command of the shell is text as it stands. */
export type NativeCommand = { readonly command: Command; readonly name: string } | ShellStage;

/** Characters of a bare word that the shell takes as they are, wildcards and `~` included. */
const PLAIN = /^[\w.,/:=+@%^*?[\]~!-]+$/u;

/** A piece of the command with its place: two that touch are one word. */
type Piece = { readonly from: number; readonly to: number; readonly words: readonly string[] };

/**
 * The shell text of a native command: bare words as they stand, so that wildcards work, everything else worked out here
 * and quoted, so that no value is ever seen as syntax. A list gives a word each.
 */
export async function nativeText(native: NativeCommand, execution: Execution): Promise<string> {
  if ('text' in native) return native.text;
  const { command, name } = native;
  const isBare = command.invocation === 'name' && command.name.kind === 'string' && command.name.quote === 'none';
  const first = isBare && PLAIN.test(name) ? name : shellWord(name);
  const words = [first];
  let end = command.name.to;
  for (const element of command.elements) {
    for (const { from, to, words: parts } of await pieces(element, execution)) {
      const [joined, ...others] = parts;
      if (from === end && joined !== undefined) words.push((words.pop() ?? '') + joined, ...others);
      else words.push(...parts);
      end = to;
    }
  }
  for (const redirection of command.redirections) words.push(await redirectionText(redirection, execution));
  return words.join(' ');
}

/** `-d: x` is two words of the shell, though a cmdlet would take it as one parameter. */
async function pieces(element: CommandElement, execution: Execution): Promise<Piece[]> {
  if (element.kind !== 'parameter') return [{ ...element, words: await argumentWords(element, execution) }];
  const { from, to, name, argument } = element;
  if (argument === undefined) return [{ from, to, words: [quoteWord(`-${name}`)] }];
  const colon = from + 1 + name.length;
  const value = { from: argument.from, to, words: await argumentWords(argument, execution) };
  return [{ from, to: colon + 1, words: [quoteWord(`-${name}:`)] }, value];
}

async function argumentWords(
  element: Exclude<CommandElement, { kind: 'parameter' }>,
  execution: Execution,
): Promise<string[]> {
  if (element.kind === 'string' && element.quote === 'none')
    return [await wordText(element.pieces ?? [element.value], execution)];
  if (element.kind === 'number') return [quoteWord(element.text)];
  if (element.kind === 'expandable' && element.quote === 'none') {
    return [await wordText(element.pieces ?? element.parts, execution)];
  }
  if (element.kind === 'script-block') return [bracesWord(element.text)];
  if (element.kind === 'array') {
    const parts: string[] = [];
    for (const item of element.items) parts.push(...(await argumentWords(item, execution)));
    return [parts.join(',')];
  }
  if (element.kind === 'variable') await mustBeSet(element.name, execution);
  return toList(await evaluate(element, execution)).map((one) => quoteWord(toText(one)));
}

/** `{a,b}*` is for the shell to take apart; any other text in braces is one word. */
function bracesWord(text: string): string {
  return /^[\w.,/*?-]+$/u.test(text) ? `{${text}}` : shellWord(`{${text}}`);
}

/** Empty in its place, it could make `rm $D/*` of a variable that bash knows and we do not. @throws ErrorRecord */
async function mustBeSet(name: string, { scope, services }: Execution): Promise<void> {
  const variable = environmentName(name);
  const { nativeShell } = services;
  if (variable === undefined ? scope.isSet(name) : (await nativeShell.environment()).has(variable)) return;
  const message = `$${name} is not set here: in a line of ours variables are ours, and those of bash are not seen`;
  throw new ErrorRecord('VariableIsUndefined', 'ObjectNotFound', message, { target: name });
}

/** `$folder/*.md`, `~/'my folder'`: values and what was quoted or escaped stand for themselves, the rest is as the shell has it. */
async function wordText(pieces: readonly WordPiece[], execution: Execution): Promise<string> {
  const texts: string[] = [];
  for (const piece of pieces) {
    if (typeof piece === 'string') texts.push(PLAIN.test(piece) ? piece : quoteWord(piece));
    else texts.push(quoteWord(await pieceText(piece, execution)));
  }
  return texts.join('');
}

async function pieceText(piece: Exclude<WordPiece, string>, execution: Execution): Promise<string> {
  if (piece.kind === 'literal') return piece.text;
  if (piece.kind === 'variable') await mustBeSet(piece.name, execution);
  return toText(await evaluate(piece, execution));
}

/** The shell redirects its own commands: bytes stay what they are. */
async function redirectionText({ stream, target }: Redirection, execution: Execution): Promise<string> {
  const number = stream === '*' ? '' : String(stream);
  if ('stream' in target) return stream === '*' ? '2>&1' : `${number}>&1`;
  const path = await pathText(target.file, execution);
  if (stream === 0) return `<${path}`;
  return `${number}${target.append ? '>>' : '>'}${path}${stream === '*' ? ' 2>&1' : ''}`;
}

/** A file of a redirection; `$null` is nothing to read, and takes everything. */
async function pathText(file: Expression, execution: Execution): Promise<string> {
  const name = await fileName(file, execution);
  return name === null ? '/dev/null' : quoteWord(resolve(execution.services.nativeShell.cwd, toText(name)));
}

async function fileName(file: Expression, execution: Execution): Promise<unknown> {
  const pieces = 'pieces' in file ? file.pieces : undefined;
  if (pieces === undefined) return evaluate(file, execution);
  let name = '';
  for (const piece of pieces) name += typeof piece === 'string' ? piece : await pieceText(piece, execution);
  return name;
}
