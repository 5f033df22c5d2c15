import { fileCommand, toHosts, toShellText, type CliCommand } from './cli-command.ts';

/**
 * Reads the command lines that scripts run often, without the time that loading yargs takes (50 ms and more).
 * @returns undefined for all others, malformed ones among them: they are parse-arguments' work
 */
export function quickParse(args: readonly string[]): CliCommand | undefined {
  const [first, ...rest] = args;
  if (first === undefined) return { kind: 'repl' };
  if (first === 'run') return quickParseRun(rest);
  if (first === '-c' && rest.length === 1 && rest[0] !== undefined) return { kind: 'command', text: rest[0] };
  if (first === '--version' && rest.length === 0) return { kind: 'version' };
  return fileCommand(args);
}

function quickParseRun(args: readonly string[]): CliCommand | undefined {
  const terminal = args[0] === '-t';
  const [list, separator, ...words] = terminal ? args.slice(1) : args;
  if (list === undefined || list.startsWith('-') || separator !== '--' || words.length === 0) return undefined;
  const hosts = toHosts(list);
  return hosts.length === 0 ? undefined : { kind: 'run', hosts, text: toShellText(words), terminal };
}
