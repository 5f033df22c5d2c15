import { resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { RemotingError } from '@holdfast/protocol';
import { BUILD_ID } from '../version.ts';
import { parseHostSettings } from '../session/host-settings.ts';
import { runtimeFolder, stateFolder } from './folders.ts';

const help = (): string => `holdfast-agent host

Runs the session host of this user: it owns the sessions, and listens on a Unix socket in the runtime folder.

  --ensure        finds one of this build, or starts one in the background; prints its socket as JSON
  --foreground    runs in this process, until SIGTERM or 10 minutes without sessions and clients
  --config FILE   the agent's configuration; else agent.toml in the configuration folder

The environment variable HOLDFAST_HOST_SETTINGS sets its limits, as a JSON object of some of these:
${JSON.stringify(parseHostSettings(undefined))}
`;

const options = {
  ensure: { type: 'boolean' },
  foreground: { type: 'boolean' },
  config: { type: 'string' },
  'ready-fd': { type: 'string' },
  help: { type: 'boolean' },
} as const satisfies ParseArgsConfig['options'];

/**
 * `holdfast-agent host`: finds, starts or is a session host.
 * @throws RemotingError when none can be had, or an argument is wrong
 */
export async function hostCommandLine(args: string[]): Promise<void> {
  const values = parse(args);
  const configFile = values.config === undefined ? undefined : resolve(values.config);
  if (values.help === true) {
    process.stdout.write(help());
  } else if (values.ensure === true) {
    const { ensureHost } = await import('./ensure-host.ts');
    const place = await ensureHost({
      stateFolder: stateFolder(),
      runtimeFolder: runtimeFolder(),
      buildId: BUILD_ID,
      configFile,
      settings: parseHostSettings(process.env['HOLDFAST_HOST_SETTINGS']),
    });
    process.stdout.write(`${JSON.stringify(place)}\n`);
  } else {
    const { runHost } = await import('./run-host.ts');
    const ready = values['ready-fd'];
    await runHost({ configFile, readyDescriptor: ready === undefined ? undefined : Number(ready) });
  }
}

function parse(args: string[]): ReturnType<typeof parseArgs<{ options: typeof options }>>['values'] {
  try {
    return parseArgs({ args, options }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RemotingError('InvalidSetting', `${reason}; see holdfast-agent host --help`, { cause });
  }
}
