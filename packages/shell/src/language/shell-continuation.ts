import { ShellScanner } from './shell-scanner.ts';

/**
 * Index behind the lines of the first command. Undefined where bash would ask for another line: an open quote,
 * substitution, heredoc or compound command, a backslash, or an operator that wants a command, at the end of `text`
 * (POSIX Shell Command Language, 2.2 to 2.10, and bash's own forms). What bash would refuse counts as complete, so that
 * bash says what is wrong with it.
 */
export function endOfFirstCommand(text: string): number | undefined {
  const scanner = new ShellScanner(text);
  const end = scanner.scanCommand();
  if (typeof end === 'number') return end;
  if (end === 'incomplete') return undefined;
  // Of a command that is wrong on its first line nothing is open; of another one the end cannot be told.
  const newline = text.indexOf('\n');
  return newline === -1 || scanner.at > newline ? text.length : newline + 1;
}
