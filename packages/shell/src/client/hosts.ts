import { homedir } from 'node:os';
import { DEFAULT_PORT, RemotingError } from '@holdfast/protocol';
import { configFilePath, readConfigFile, type HostEntry } from './config-file.ts';

/** Where a computer is and how to be let in there. */
export type HostAddress =
  | { kind: 'local'; computerName: string }
  | {
      kind: 'agent';
      /** As written in the hosts file or as typed. */
      computerName: string;
      host: string;
      port: number;
      /** Path and query of the WebSocket's URL. */
      path: string;
      /** Unix user on the host; absent: the same name as here. */
      user?: string;
      /** Private key file, tried alone. */
      identity?: string;
      /** The only host key that is accepted: an OpenSSH public key line or `SHA256:...`. */
      hostKey?: string;
    };

/** The computers of config.toml, `[hosts.NAME]`, in the order and spelling of the file. */
export class HostsFile {
  readonly #entries: ReadonlyMap<string, HostAddress>;

  constructor(entries: readonly HostAddress[] = []) {
    this.#entries = new Map(entries.map((entry) => [entry.computerName.toLowerCase(), entry]));
  }

  /**
   * Reads `config.toml` of the folder; a file that is not there is an empty one.
   * @throws RemotingError InvalidSetting, with the path, for a file that is not as agreed
   */
  static load(folder?: string): HostsFile {
    const path = configFilePath(folder);
    const entries = Object.entries(readConfigFile(path).hosts ?? {});
    return new HostsFile(entries.map(([name, entry]) => toAddress(name, entry, path)));
  }

  /** Names as written. */
  get names(): string[] {
    return [...this.#entries.values()].map((entry) => entry.computerName);
  }

  find(name: string): HostAddress | undefined {
    return this.#entries.get(name.toLowerCase());
  }
}

/** `user@computer`; the user's name may itself have an @. */
const WITH_USER = /^([^/:\s]+)@([^@]+)$/;

/**
 * Finds out what a computer's name means: a name of the hosts file (in any case), `localhost` or `.` (the local
 * session host), `host`, `host:port`, `[v6]:port`, or a `wss://` URL; `user@` before any but the local ones says who to
 * be there.
 * @throws RemotingError InvalidComputerName
 */
export function resolveHost(target: string, hosts: HostsFile): HostAddress {
  const known = hosts.find(target);
  if (known !== undefined) return known;
  if (target === '.' || target.toLowerCase() === 'localhost') return { kind: 'local', computerName: 'localhost' };
  const [, user, computer = target] = WITH_USER.exec(target) ?? [];
  const address = hosts.find(computer) ?? fromName(computer);
  return user === undefined || address.kind === 'local' ? address : { ...address, user };
}

function toAddress(name: string, entry: HostEntry, path: string): HostAddress {
  const located = parseUrl(name, entry.url);
  if (located === undefined) {
    const url = JSON.stringify(entry.url);
    throw new RemotingError('InvalidSetting', `${path}: hosts.${name}.url: ${url} is no wss://HOST:PORT URL`);
  }
  const address = { ...located };
  if (entry.user !== undefined) address.user = entry.user;
  if (entry.identity !== undefined) address.identity = entry.identity.replace(/^~(?=\/)/, homedir());
  if (entry.hostKey !== undefined) address.hostKey = entry.hostKey;
  return address;
}

function fromName(name: string): HostAddress {
  const isUrl = name.includes('://');
  const bare = (name.match(/:/g) ?? []).length > 1 && !name.includes('[') ? `[${name}]` : name;
  const isNoName = /\s/.test(name) || (!isUrl && name.includes('@'));
  const address = isNoName ? undefined : parseUrl(name, isUrl ? name : `wss://${bare}`);
  if (address !== undefined) return address;
  throw new RemotingError(
    'InvalidComputerName',
    `${JSON.stringify(name)} is no computer name: give a name of config.toml, host, host:port or a wss:// URL, with user@ before it for another user`,
    { target: name },
  );
}

function parseUrl(name: string, text: string): Extract<HostAddress, { kind: 'agent' }> | undefined {
  const url = URL.parse(text);
  if (url === null || url.protocol !== 'wss:' || url.hostname === '') return undefined;
  const address: Extract<HostAddress, { kind: 'agent' }> = {
    kind: 'agent',
    computerName: name,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    // The URL class drops a port that is its scheme's own.
    port: url.port === '' ? (/:443(?=\/|$|\?)/.test(text) ? 443 : DEFAULT_PORT) : Number(url.port),
    path: `${url.pathname}${url.search}`,
  };
  if (url.username !== '') address.user = decodeURIComponent(url.username);
  return address;
}
