import { resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { RemotingError } from '@holdfast/protocol';
import { BUILD_ID } from '../version.ts';
import { parseHostSettings } from '../session/host-settings.ts';
import { ensureStateFolder, runtimeFolder, stateFolder } from './folders.ts';

const help = (): string => `holdfast-agent host

Runs the session host of this user: it owns the sessions, and listens on a Unix socket in the runtime folder.

  --ensure        finds one of this build, or starts one in the background; prints its socket as JSON
  --find          finds one of this build, and starts none
  --foreground    runs in this process, until SIGTERM or 10 minutes without sessions and clients
  --config FILE   the agent's configuration; else HOLDFAST_CONFIG, else agent.toml in the configuration folder

The environment variable HOLDFAST_HOST_SETTINGS sets its limits, as a JSON object of some of these:
${JSON.stringify(parseHostSettings(undefined))}
`;

const options = {
  ensure: { type: 'boolean' },
  find: { type: 'boolean' },
  foreground: { type: 'boolean' },
  config: { type: 'string' },
  'ready-fd': { type: 'string' },
  help: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options'];

/** Exit status of a command line that is not understood, as of the agent's other commands. */
const USAGE_ERROR = 2;

/**
 * `holdfast-agent host`: finds, starts or is a session host.
 * @returns the exit status
 * @throws RemotingError when none can be had
 */
export async function hostCommandLine(args: string[]): Promise<number> {
  const values = parse(args);
  if (typeof values === 'string') {
    process.stderr.write(`holdfast-agent: ${values}; see holdfast-agent host --help\n`);
    return USAGE_ERROR;
  }
  if (values.help === true) {
    process.stdout.write(help());
    return 0;
  }
  const config = values.config ?? (process.env['HOLDFAST_CONFIG'] || undefined);
  const configFile = config === undefined ? undefined : resolve(config);
  // Whoever could change the program there would be this user.
  ensureStateFolder(stateFolder());
  if (values.ensure === true || values.find === true) {
    const { ensureHost, findHost } = await import('./ensure-host.ts');
    const host = {
      stateFolder: stateFolder(),
      runtimeFolder: runtimeFolder(),
      buildId: BUILD_ID,
      configFile,
      settings: parseHostSettings(process.env['HOLDFAST_HOST_SETTINGS']),
    };
    const place = values.ensure === true ? await ensureHost(host) : await findHost(host);
    if (place === undefined) throw new RemotingError('HostUnavailable', 'No session host of this build runs');
    process.stdout.write(`${JSON.stringify(place)}\n`);
  } else {
    const { runHost } = await import('./run-host.ts');
    const ready = values['ready-fd'];
    await runHost({ configFile, readyDescriptor: ready === undefined ? undefined : Number(ready) });
  }
  return 0;
}

/** The options, or what is wrong with them. */
function parse(args: string[]): ReturnType<typeof parseArgs<{ options: typeof options }>>['values'] | string {
  try {
    const { values, tokens } = parseArgs({ args, options, tokens: true });
    const names = tokens.flatMap((token) => (token.kind === 'option' ? token.name : []));
    const twice = names.find((name, index) => names.indexOf(name) < index);
    return twice === undefined ? values : `--${twice} is given more than once`;
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}
