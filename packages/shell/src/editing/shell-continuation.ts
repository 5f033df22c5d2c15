import { ShellScanner } from './shell-scanner.ts';

/**
 * True when bash would ask for another line: an open quote, substitution, heredoc or compound command, a backslash, or
 * an operator that wants a command, at the end of `text` (POSIX Shell Command Language, 2.2 to 2.10, and bash's own
 * forms). A text that bash would refuse counts as complete, so that bash says what is wrong with it.
 */
export function isIncompleteCommand(text: string): boolean {
  return new ShellScanner(text).scan() === 'incomplete';
}
