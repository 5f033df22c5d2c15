import type { Scanner } from './scanner.ts';
import { ShellScanner } from './shell-scanner.ts';
import type { ShellStage } from './syntax-tree.ts';

/** What begins a compound command of a shell, and no stage of ours: ours have `(` or `$` there. */
const COMPOUND =
  /(?:(?:while|until|if)[ \t]+(?=[\w./~[!{"'])|for[ \t]+[A-Za-z_]\w*(?=[ \t]+in\b|[ \t]*[;\n])|for[ \t]*(?=\(\()|case[ \t]+\S+[ \t]+(?=in\b)|select[ \t]+[A-Za-z_]\w*(?=[ \t]+in\b)|![ \t]+(?=[a-z./~]))/uy;
const GROUP = /\{\s/uy;
const SUBSHELL = /\(\s*[a-z./~][\w./~-]*(?=[\s;&|)])/uy;

/** A stage begins here with a word that a shell has for a compound command. */
export function startsCompound(scanner: Scanner): boolean {
  return scanner.match(COMPOUND) !== undefined;
}

/**
 * Reads a stage that begins as a compound command of the shell, verbatim, up to the `|` or the end behind it; undefined,
 * and nothing read, where none stands.
 * @param isFirst `(` and `{` may begin a value there
 */
export function readShellStage(scanner: Scanner, isFirst: boolean): ShellStage | undefined {
  if (startsCompound(scanner)) return readVerbatim(scanner, scanner.at);
  if (!scanner.isOutermost) return undefined;
  // To a shell `}` closes only where a command may begin: behind a `;`.
  if (scanner.match(GROUP) !== undefined)
    return typeof stageEnd(scanner) === 'number' ? readVerbatim(scanner, scanner.at) : undefined;
  if (scanner.match(SUBSHELL) === undefined || (isFirst && readsAsValue(scanner))) return undefined;
  return typeof stageEnd(scanner) === 'number' ? readVerbatim(scanner, scanner.at) : undefined;
}

function readsAsValue(scanner: Scanner): boolean {
  return !scanner.wouldFail(() => scanner.expression());
}

function stageEnd(scanner: Scanner): number | 'incomplete' | 'invalid' {
  const end = new ShellScanner(scanner.slice(scanner.at, scanner.end)).scanStage();
  return typeof end === 'number' ? scanner.at + end : end;
}

function readVerbatim(scanner: Scanner, from: number): ShellStage {
  const word = /^\S+/u.exec(scanner.slice(from, scanner.end))?.[0] ?? '';
  const end = stageEnd(scanner);
  if (end === 'incomplete')
    scanner.fail(`The shell's ${word} has no end`, from, { to: from + word.length, incomplete: true });
  else if (end === 'invalid')
    scanner.fail(`This ${word} can be no stage: it is no whole command of the shell, or has a here-document`, from, {
      to: from + word.length,
    });
  else scanner.take('command', end - from);
  return { kind: 'shell', text: scanner.slice(from), from, to: scanner.at };
}
