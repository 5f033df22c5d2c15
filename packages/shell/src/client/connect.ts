import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { resolveClientSettings, type ClientSettings } from './client-settings.ts';
import { Connection, type ConnectionLinks } from './connection.ts';
import { configFolder } from './folders.ts';
import { HostsFile, resolveHost, type HostAddress } from './hosts.ts';
import type { LinkOpening } from './link-keeper.ts';
import type { HostKeyQuestion } from './known-hosts.ts';
import { openLocalHost } from './local-host.ts';
import { Patience } from './patience.ts';
import type { AskPassphrase } from './ssh-key.ts';

/** Everything is optional: what is absent is as a person's own shell would have it. */
export type ConnectOptions = {
  /** Limits, see CLIENT_SETTINGS; those of HOLDFAST_CLIENT_SETTINGS lie below. */
  settings?: Partial<ClientSettings>;
  /** A UUID that stands for this client: sessions that it holds are Opened to it. One per process by default. */
  clientId?: string;
  /** Shown to others who see this client hold a session; host name and process id by default. */
  clientName?: string;
  hosts?: HostsFile;
  /** For folders, HOLDFAST_CLIENT_SETTINGS and SSH_AUTH_SOCK; also given to a local session host that is started. */
  environment?: NodeJS.ProcessEnv;
  /** known_hosts files; those of OpenSSH by default. New hosts are added to the first. */
  knownHostsFiles?: readonly string[];
  /** Unix user on the host; the hosts file's by default, else the name here. */
  user?: string;
  /** Private key file, offered alone. */
  identity?: string;
  /** Asks a person about a host that is not known; absent, such a host is refused. */
  confirmHostKey?: (question: HostKeyQuestion) => Promise<boolean>;
  /** Asks a person for a passphrase; absent, encrypted keys outside ssh-agent are not used. */
  askPassphrase?: AskPassphrase;
  /** Ends the connecting, not the connection. */
  signal?: AbortSignal | undefined;
};

/** What of an environment concerns presentation, and travels to another machine. */
const PRESENTATION = /^(?:TERM|COLORTERM|LANG|TZ|LC_\w+)$/;

const PROCESS_CLIENT_ID = randomUUID();

/**
 * Connects to a computer: a name of config.toml, `host`, `host:port`, a `wss://` URL, each with `user@` before
 * it for another user than the usual one, or `localhost` or `.` for the local session host, which is started when none runs. The connection restores its link by itself.
 * @throws RemotingError InvalidComputerName, ConnectionRefused, HandshakeTimeout, HostKeyUnknown, HostKeyChanged,
 *   AccessDenied, HostUnavailable, InvalidSetting, OperationStopped
 * @example
 * await using connection = await connect('srv1');
 * const session = await connection.openSession({ name: 'build', columns: 80, rows: 24 });
 * const { status } = await session.run('make world').ended;
 */
export async function connect(target: string | HostAddress, options: ConnectOptions = {}): Promise<Connection> {
  const environment = options.environment ?? process.env;
  const settings = resolveClientSettings(options.settings, environment);
  const address = addressOf(target, options);
  const client = {
    clientId: options.clientId ?? PROCESS_CLIENT_ID,
    clientName: options.clientName ?? `${hostname()}:${process.pid}`,
  };
  const opening = { client, settings, environment, signal: options.signal };
  const { computerName } = address;
  const links =
    address.kind === 'local'
      ? await openLocal({ computerName, ...opening })
      : // Loaded only now: most prompts begin with the local session, which needs neither TLS nor keys.
        { link: await (await import('./agent-link.ts')).openAgentLink(address, { ...options, ...opening }) };
  return new Connection(links, {
    address,
    clientId: client.clientId,
    environment: travelling(environment, address.kind === 'local' ? /./ : PRESENTATION),
  });
}

function addressOf(target: string | HostAddress, { hosts, user, environment }: ConnectOptions): HostAddress {
  const address =
    typeof target === 'string' ? resolveHost(target, hosts ?? HostsFile.load(configFolder(environment))) : target;
  return user === undefined || address.kind === 'local' ? address : { ...address, user };
}

async function openLocal({ client, ...opening }: LinkOpening & { computerName: string }): Promise<ConnectionLinks> {
  using patience = new Patience(opening.settings.hostStartTimeoutMs);
  return openLocalHost(client, { ...opening, signal: patience.joined(opening.signal) });
}

function travelling(environment: NodeJS.ProcessEnv, names: RegExp): Record<string, string> {
  const entries = Object.entries(environment).filter(([name]) => names.test(name));
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
