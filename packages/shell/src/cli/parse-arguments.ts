import yargs, { type Argv } from 'yargs';
import { fileCommand, toHosts, toShellText, type CliCommand } from './cli-command.ts';
import { USAGE_ERROR } from './exit-status.ts';

/** A command line that is answered at once: with help, or with what is wrong with it. */
export type Answer = { readonly kind: 'answer'; readonly text: string; readonly status: number };

/** Parses a command line of `holdfast`. */
export async function parseArguments(args: readonly string[]): Promise<CliCommand | Answer> {
  const file = fileCommand(args);
  if (file !== undefined) return file;
  let command: CliCommand = { kind: 'repl' };
  const set: SetCommand = (next) => {
    command = next;
  };
  let text = '';
  let failed = false;
  const parser = commands(set).fail((message, error) => {
    failed = true;
    throw error ?? new UsageError(message);
  });
  try {
    await parser.parseAsync([...args], {}, (_error, _argv, output) => {
      text = output;
    });
  } catch (error) {
    const message = await betterMessage(args, error instanceof Error ? error.message : String(error));
    return { kind: 'answer', text: `holdfast: ${message}\nTry 'holdfast --help'\n`, status: USAGE_ERROR };
  }
  if (text !== '') return { kind: 'answer', text: `${text}\n`, status: failed ? USAGE_ERROR : 0 };
  return command;
}

class UsageError extends Error {}

/** Says what was meant where yargs complains of what came of it. */
async function betterMessage(args: readonly string[], message: string): Promise<string> {
  const [command, ...rest] = args;
  const [host = '-', word = '-'] = rest.filter((arg) => arg !== '-t');
  if (command === 'run' && !host.startsWith('-') && !word.startsWith('-')) {
    return "run takes the command behind '--': run HOST -- TEXT";
  }
  const [, given, needed] = /^Not enough non-option arguments: got (\d+), need at least (\d+)/.exec(message) ?? [];
  if (given === undefined) return message;
  // An unknown option has taken the word behind it. With as many words as are missing, yargs gets to tell the option.
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const missing = Array.from<string>({ length: Number(needed) - Number(given) }).fill('word');
  const parser = commands(() => {}).fail((again: string | null) => {
    throw new UsageError(again ?? '');
  });
  const retried = [...args.slice(0, end), ...missing, ...args.slice(end)];
  try {
    await parser.parseAsync(retried);
  } catch (error) {
    if (error instanceof UsageError && error.message.startsWith('Unknown argument')) return error.message;
  }
  return message;
}

const HOST = {
  type: 'string',
  demandOption: true,
  describe: '[user@] and a name of config.toml, host[:port], or wss:// URL',
} as const;
const SESSION = { type: 'string', demandOption: true, describe: "the session's name or InstanceId" } as const;

type SetCommand = (command: CliCommand) => void;

function commands(set: SetCommand): Argv {
  const parser = yargs([])
    .scriptName('holdfast')
    .usage(
      '$0 [command]\n$0 FILE [ARGUMENT...]\n\nAn admin shell whose remote sessions outlive the connection. Without a command: the prompt.\nFILE holds lines of its language, which has the arguments as $args; - is standard input.',
    )
    .parserConfiguration({ 'populate--': true, 'parse-numbers': false, 'parse-positional-numbers': false })
    // All else is said in English, and betterMessage() reads it.
    .detectLocale(false)
    .strict()
    .check(refuseRepeated)
    .exitProcess(false)
    .version(false)
    .help()
    .command(
      '$0',
      false,
      (y) =>
        y
          .option('c', { type: 'string', requiresArg: true, describe: 'run TEXT: our cmdlets, or the local shell' })
          .option('version', { type: 'boolean', describe: 'show the version' }),
      ({ c, version }) =>
        set(version === true ? { kind: 'version' } : c === undefined ? { kind: 'repl' } : { kind: 'command', text: c }),
    );
  addWorkCommands(parser, set);
  addCareCommands(parser, set);
  return parser;
}

/** Yargs makes a list of an option that comes again. Only words and what is behind `--` may be lists. */
function refuseRepeated(argv: Record<string, unknown>): true {
  const twice = Object.keys(argv).find((name) => !['_', '--', 'hosts'].includes(name) && Array.isArray(argv[name]));
  if (twice !== undefined) throw new UsageError(`${twice === 'c' ? '-c' : `--${twice}`} is given more than once`);
  return true;
}

function addWorkCommands(parser: Argv, set: SetCommand): void {
  parser
    .command(
      'enter <host>',
      'enter a session on a host',
      (y) =>
        y
          .positional('host', HOST)
          .option('name', { type: 'string', requiresArg: true, describe: 'come back to this session, or create it' })
          .option('take', { type: 'boolean', default: false, describe: 'take it from the client that holds it' })
          .option('watch', { type: 'boolean', default: false, describe: 'look on at it, whoever holds it' }),
      (argv) => set(enterCommand(argv)),
    )
    .command(
      'run <hosts>',
      'run a command on one or more hosts: run HOST[,HOST] -- TEXT',
      (y) =>
        y
          .positional('hosts', { ...HOST, describe: 'HOST[,HOST]' })
          .option('t', { type: 'boolean', default: false, describe: 'on a terminal' }),
      (argv) => set({ kind: 'run', hosts: toHosts(argv.hosts), text: shellText(argv), terminal: argv.t }),
    );
}

function addCareCommands(parser: Argv, set: SetCommand): void {
  parser
    .command(
      'sessions [hosts..]',
      'list the sessions of hosts; without one, those of this machine and of all hosts of config.toml',
      (y) =>
        y
          .positional('hosts', { type: 'string', array: true, default: [], describe: HOST.describe })
          .option('json', { type: 'boolean', default: false, describe: 'for scripts' }),
      (argv) => set({ kind: 'sessions', hosts: argv.hosts, json: argv.json }),
    )
    .command(
      'disconnect <host> <name>',
      'detach a session from the client that holds it; it goes on running',
      (y) => y.positional('host', HOST).positional('name', SESSION),
      (argv) => set({ kind: 'disconnect', host: argv.host, name: argv.name }),
    )
    .command(
      'stop <host> <name>',
      'end a session and what runs in it',
      (y) => y.positional('host', HOST).positional('name', SESSION),
      (argv) => set({ kind: 'stop', host: argv.host, name: argv.name }),
    )
    .command(
      'doctor <host>',
      'find out why a host cannot be used',
      (y) => y.positional('host', HOST),
      (argv) => set({ kind: 'doctor', host: argv.host }),
    );
}

type EnterArguments = { host: string; name: string | undefined; take: boolean; watch: boolean };

/** @throws Error when there is nothing to be watched, or it is to be taken too */
function enterCommand({ host, name, take, watch }: EnterArguments): CliCommand {
  if (watch && name === undefined) throw new UsageError('enter --watch needs --name: which session to look on at');
  if (watch && take) throw new UsageError('enter takes either --watch or --take');
  return { kind: 'enter', host, name, take, watch };
}

/** What stands behind `--`. @throws Error when nothing does */
function shellText(argv: Record<string, unknown>): string {
  const words = argv['--'];
  if (!Array.isArray(words) || words.length === 0) throw new UsageError('run needs a command: run HOST -- TEXT');
  return toShellText(words.map(String));
}
