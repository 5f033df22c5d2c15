import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_PORT, RemotingError } from '@holdfast/protocol';
import { TomlError, parse } from 'smol-toml';
import * as v from 'valibot';
import { configFolder } from './folders.ts';

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

const HostEntry = v.object({
  url: v.string(),
  user: v.optional(v.string()),
  identity: v.optional(v.string()),
  hostKey: v.optional(v.string()),
});

const ConfigFile = v.object({ hosts: v.optional(v.record(v.string(), HostEntry)) });

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
  static load(folder: string = configFolder()): HostsFile {
    const path = join(folder, 'config.toml');
    const text = readIfThere(path);
    if (text === undefined) return new HostsFile();
    const checked = v.safeParse(ConfigFile, parseToml(path, text));
    if (!checked.success) {
      const [issue] = checked.issues;
      throw new RemotingError('InvalidSetting', `${path}: ${v.getDotPath(issue) ?? 'file'}: ${issue.message}`);
    }
    const entries = Object.entries(checked.output.hosts ?? {});
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

function toAddress(name: string, entry: v.InferOutput<typeof HostEntry>, path: string): HostAddress {
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

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new RemotingError('InvalidSetting', `${path} cannot be read: ${String(cause)}`, { cause });
  }
}

function parseToml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    // Behind its first line the message shows the place in the file.
    const reason = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause);
    const place = cause instanceof TomlError ? `:${cause.line}:${cause.column}` : '';
    throw new RemotingError('InvalidSetting', `${path}${place} is not TOML: ${reason}`, { cause });
  }
}
