import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DEFAULT_PORT } from '@holdfast/protocol';
import yargs, { type ArgumentsCamelCase, type Argv, type InferredOptionTypes } from 'yargs';
import { assertReadable } from './assert-readable.ts';
import { ensureStateFolder, runtimeFolder, stateFolder } from './host/folders.ts';
import { BUILD_ID, VERSION } from './version.ts';

const stateDir = { type: 'string', requiresArg: true, describe: 'Folder for keys and the registry' } as const;

const serveOptions = {
  listen: { type: 'string', requiresArg: true, default: `127.0.0.1:${DEFAULT_PORT}`, describe: 'ADDRESS:PORT' },
  'state-dir': stateDir,
  config: { type: 'string', requiresArg: true, describe: 'Configuration (TOML)' },
  'authorized-keys': {
    type: 'string',
    requiresArg: true,
    describe: "Keys that open the agent's own user; without it root serves all users",
  },
  'host-key': { type: 'string', requiresArg: true, describe: 'Private key by which clients know this agent' },
  'stop-sessions': { type: 'boolean', default: false, describe: 'End every session on SIGTERM' },
} as const;

const statusOptions = {
  'state-dir': stateDir,
  json: { type: 'boolean', default: false, describe: 'As JSON' },
} as const;

const eventsOptions = {
  ...statusOptions,
  after: { type: 'number', default: 0, requiresArg: true, describe: 'Only events behind this number' },
  follow: { type: 'boolean', default: false, describe: 'Go on with what comes' },
  user: { type: 'string', requiresArg: true, describe: 'Only events of this user' },
  session: { type: 'number', requiresArg: true, describe: 'Only events of the session with this id' },
  type: { type: 'string', requiresArg: true, describe: "Only events of this type; 'command' for all 'command.…'" },
} as const;

/** Where an agent for all users keeps its keys and its record. */
const MACHINE_STATE = '/var/lib/holdfast';

/** Exit status of a command line that is not understood, as of `holdfast`. */
const USAGE_ERROR = 2;

class UsageError extends Error {}

/**
 * `holdfast-agent serve|status|events|keygen`; `host` has a command line of its own (host/host-command-line.ts).
 * @returns the exit status
 */
export async function commandLine(args: string[]): Promise<number> {
  let status = 0;
  const run =
    <T>(command: (argv: T) => Promise<number>) =>
    async (argv: T): Promise<void> => {
      status = await command(argv);
    };
  const parser = yargs(args)
    .scriptName('holdfast-agent')
    .usage('$0 <command>\n\nLets people enter this machine in sessions that outlive their connections.')
    .command('serve', 'Listens for clients', (command: Argv) => command.options(serveOptions), run(serve))
    .command('host', 'Owns the sessions of one user; started when needed (host --help)')
    .command(
      'status',
      'Shows the gateway and the sessions',
      (command: Argv) => command.options(statusOptions),
      run(show),
    )
    .command('events', 'Prints the record', (command: Argv) => command.options(eventsOptions), run(events))
    .command(
      'keygen',
      'Makes the host key if there is none, and prints its fingerprint',
      (command: Argv) => command.options({ 'state-dir': stateDir }),
      run(keygen),
    )
    .demandCommand(1, 'Which command? See --help')
    .strict()
    .check((argv) => {
      // No option takes a list; yargs makes one of an option that comes again.
      const twice = Object.keys(argv).find((name) => name !== '_' && Array.isArray(argv[name]));
      if (twice !== undefined) throw new UsageError(`--${twice} is given more than once`);
      return true;
    })
    .version(VERSION)
    .help()
    .fail((message, error) => {
      // Yargs' own error is about the command line too.
      if (error instanceof Error && error.name !== 'YError') throw error;
      // Unless it is thrown, yargs goes on and runs the command with what it did understand.
      throw new UsageError(message);
    });
  try {
    await parser.parseAsync();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`holdfast-agent: ${error.message}\n`);
    return USAGE_ERROR;
  }
  return status;
}

async function serve(argv: ArgumentsCamelCase<InferredOptionTypes<typeof serveOptions>>): Promise<number> {
  const { listen, stopSessions } = argv;
  const common = { listen, stopSessions, configFile: absolute(argv.config), hostKey: absolute(argv.hostKey) };
  const authorizedKeys = absolute(argv.authorizedKeys);
  if (process.getuid?.() === 0 && authorizedKeys === undefined) {
    const { serveAll } = await import('./monitor/serve-all.ts');
    const gatewayCommand = testCommand(process.env['HOLDFAST_GATEWAY_COMMAND']);
    return serveAll({ ...common, ...machineFolders(argv.stateDir), gatewayCommand });
  }
  const gateway = await import('./gateway/serve.ts');
  return gateway.serve({
    ...common,
    ...agentFolders(argv.stateDir),
    authorizedKeys,
    version: VERSION,
    buildId: BUILD_ID,
  });
}

async function show(argv: ArgumentsCamelCase<InferredOptionTypes<typeof statusOptions>>): Promise<number> {
  const gateway = await import('./gateway/status.ts');
  return gateway.status({ ...foldersOf(argv.stateDir), json: argv.json });
}

async function events(argv: ArgumentsCamelCase<InferredOptionTypes<typeof eventsOptions>>): Promise<number> {
  const { printEvents } = await import('./record/print-events.ts');
  const { stateDir: named, isForAll } = foldersOf(argv.stateDir);
  const { json, after, follow, user, session: sessionId, type } = argv;
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort());
  const filter = { user, sessionId, types: type === undefined ? undefined : [type] };
  // There, the record is its gateway's.
  const folder = isForAll ? join(named, 'gateway') : named;
  assertReadable(join(folder, 'registry.db'));
  await printEvents({ stateDir: folder, filter, after, json, follow, signal: stopping.signal });
  return 0;
}

/** The folders of an agent that is there: root's may serve all users, or itself. */
function foldersOf(named: string | undefined): { stateDir: string; runtimeDir: string; isForAll: boolean } {
  const machine = machineFolders(named);
  // Only an agent for all users has this one.
  const isForAll = process.getuid?.() === 0 && existsSync(join(machine.stateDir, 'gateway'));
  return { ...(isForAll ? machine : agentFolders(named)), isForAll };
}

async function keygen(argv: { stateDir?: string | undefined }): Promise<number> {
  const { loadHostKey } = await import('./auth/host-key.ts');
  const { stateDir } = agentFolders(argv.stateDir);
  ensureStateFolder(stateDir);
  const key = await loadHostKey({ stateDir });
  process.stdout.write(`${key.fingerprint} ${key.file}\n`);
  return 0;
}

/** An agent of the whole machine has its sockets in /run; one with a state folder of its own, there. */
function agentFolders(named: string | undefined): { stateDir: string; runtimeDir: string } {
  if (named !== undefined) process.env['HOLDFAST_STATE_DIR'] = resolve(named);
  const isSet = ['HOLDFAST_STATE_DIR', 'HOLDFAST_RUNTIME_DIR'].some((name) => (process.env[name] ?? '') !== '');
  const user = process.getuid?.();
  const runtimeDir = user === 0 && !isSet ? join('/run/holdfast', String(user)) : runtimeFolder();
  return { stateDir: stateFolder(), runtimeDir };
}

/** Those of an agent for all users, unless others are named. */
function machineFolders(named: string | undefined): { stateDir: string; runtimeDir: string } {
  const own = named ?? (process.env['HOLDFAST_STATE_DIR'] || undefined);
  const stateDir = resolve(own ?? MACHINE_STATE);
  const standard = own === undefined ? '/run/holdfast' : join(stateDir, 'run');
  return { stateDir, runtimeDir: resolve(process.env['HOLDFAST_RUNTIME_DIR'] || standard) };
}

/** For tests: what stands in for the gateway, as a JSON list of words. */
function testCommand(json: string | undefined): string[] | undefined {
  if (json === undefined) return undefined;
  const words: unknown = JSON.parse(json);
  return Array.isArray(words) ? words.map(String) : undefined;
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}
