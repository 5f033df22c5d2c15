import { isatty } from 'node:tty';
import type { CliCommand } from './cli/cli-command.ts';
import { CONNECTION_FAILED, USAGE_ERROR } from './cli/exit-status.ts';
import { quickParse } from './cli/quick-parse.ts';
import { writeTo } from './cli/write-stream.ts';
import { printable } from './formatting/value-text.ts';
import { BUILD_ID, VERSION } from './version.ts';

// Each command loads only what it needs: a script's `run` waits for neither yargs nor Ink.
process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  let status: number;
  let outputError: Error | undefined;
  process.stdout.on('error', (error) => (outputError = error));
  try {
    const command = quickParse(args) ?? (await parseRest(args));
    status = typeof command === 'number' ? command : await execute(command);
  } catch (error) {
    status = complain(error instanceof Error ? error.message : String(error), CONNECTION_FAILED);
  }
  await Promise.all([writeTo(process.stdout, ''), writeTo(process.stderr, '')]);
  return outputError === undefined ? status : afterOutputError(outputError, status);
}

/** That nobody reads any more is no news; that a disk is full is. */
function afterOutputError(error: Error, status: number): number {
  if ('code' in error && error.code === 'EPIPE') return status;
  return complain(`standard output cannot be written: ${error.message}`, status === 0 ? 1 : status);
}

/** Parses with yargs; a number is the exit status of a command line that has been answered. */
async function parseRest(args: readonly string[]): Promise<CliCommand | number> {
  const { parseArguments } = await import('./cli/parse-arguments.ts');
  const command = await parseArguments(args);
  if (command.kind !== 'answer') return command;
  const stream = command.status === 0 ? process.stdout : process.stderr;
  stream.write(command.text);
  return command.status;
}

async function execute(command: CliCommand): Promise<number> {
  switch (command.kind) {
    case 'version':
      process.stdout.write(`holdfast ${VERSION} (${BUILD_ID})\n`);
      return 0;
    case 'repl':
    case 'enter':
      if (isatty(0) && isatty(1)) return (await import('./cli/start-prompt.ts')).startPrompt(command);
      return complain("the prompt needs a terminal: use -c 'TEXT', or run HOST -- TEXT", USAGE_ERROR);
    case 'command':
      return (await import('./cli/run-text.ts')).runText(command.text);
    case 'file':
      return (await import('./cli/run-file.ts')).runFile(command.path, command.words);
    case 'run':
      if (command.terminal && command.hosts.length > 1) return complain('run -t takes one host', USAGE_ERROR);
      return (await import('./cli/host-commands.ts')).execute(command);
    default:
      return (await import('./cli/host-commands.ts')).execute(command);
  }
}

/** @returns the status, so that a caller can end with it */
function complain(message: string, status: number): number {
  process.stderr.write(`holdfast: ${message.split('\n').map(printable).join('\n')}\n`);
  return status;
}
