import { mkdir, open, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { RemotingError, fingerprint, publicKeyType } from '@holdfast/protocol';
import { judgeHostCertificate } from './host-certificate.ts';
import { knownHostName, matchesHost, parseKnownHosts, type KnownHostsLine } from './known-hosts-file.ts';

/** Where something stands in a known_hosts file. */
type KnownHostsPlace = { file: string; line: number; publicKey: Buffer };

/** What known_hosts says about a host and the key it showed. */
export type HostKeyVerdict =
  | { state: 'known'; place: KnownHostsPlace }
  | { state: 'unknown' }
  /** Another key is on record for the host. */
  | { state: 'changed'; place: KnownHostsPlace }
  | { state: 'revoked'; place: KnownHostsPlace }
  /** It has a certificate, and an authority that vouches for hosts of its name; but not for this key now. */
  | { state: 'uncertified'; problem: string };

const SSH_PORT = 22;

/** The files that ssh reads; new hosts go into the first. */
function defaultKnownHostsFiles(): string[] {
  const folder = join(homedir(), '.ssh');
  return [join(folder, 'known_hosts'), join(folder, 'known_hosts2'), '/etc/ssh/ssh_known_hosts'];
}

/** The line of known_hosts that makes a host known. */
function knownHostsLine(host: string, port: number, publicKey: Buffer): string {
  return `${knownHostName(host, port)} ${publicKeyType(publicKey)} ${publicKey.toString('base64')}`;
}

/** The host keys that this user trusts, in OpenSSH's known_hosts files. */
export class KnownHosts {
  readonly #files: readonly string[];

  /** @param files read in this order; those that do not exist are empty */
  constructor(files: readonly string[] = defaultKnownHostsFiles()) {
    this.#files = files;
  }

  /** The file that new hosts are added to. */
  get file(): string {
    return this.#files[0] ?? '';
  }

  /**
   * Looks a host up. A revoked line beats all others. A host that is not listed with its port is looked up without, as
   * ssh does: an agent that uses sshd's host key is known at once. @cert-authority lines vouch for certificates only and
   * say nothing about a bare key; a certificate that they do not vouch for leaves a key that is known by itself alone.
   * @throws RemotingError KeyFileUnusable for a file that exists and cannot be read
   */
  async check(host: string, port: number, publicKey: Buffer, certificate?: Buffer): Promise<HostKeyVerdict> {
    const lines = (await Promise.all(this.#files.map(readLines))).flat();
    const names = [knownHostName(host, port), knownHostName(host, SSH_PORT)] as const;
    const [withPort, withoutPort] = [judge(lines, names[0], publicKey), judge(lines, names[1], publicKey)];
    const revoked = [withPort, withoutPort].find(({ state }) => state === 'revoked');
    if (revoked !== undefined) return revoked;
    const certified = certificate && judgeHostCertificate(lines, { host, names }, { publicKey, certificate });
    if (certified !== undefined && 'line' in certified) return { ...certified, place: placeOf(certified.line) };
    if (withPort.state !== 'unknown') return withPort;
    return withoutPort.state === 'known' ? withoutPort : (certified ?? withPort);
  }

  /**
   * Adds a host to the first file, which is made if it is not there (0600, its folder 0700).
   * @throws RemotingError KeyFileUnusable
   */
  async add(host: string, port: number, publicKey: Buffer): Promise<void> {
    // Such a name would be a pattern there, and make other hosts known as well.
    if (/[*?!,|@#\s]/.test(host)) throw new RemotingError('KeyFileUnusable', `${host} cannot be a name in known_hosts`);
    const line = `${knownHostsLine(host, port, publicKey)}\n`;
    try {
      await mkdir(dirname(this.file), { recursive: true, mode: 0o700 });
      await append(this.file, line);
    } catch (cause) {
      throw new RemotingError('KeyFileUnusable', `${this.file} cannot be written: ${String(cause)}`, { cause });
    }
  }
}

/** A question that only a person can answer: is this the key of the host? */
export type HostKeyQuestion = { computerName: string; name: string; keyType: string; fingerprint: string };

/**
 * Makes the `checkHostKey` of a handshake.
 * @param options.pinned the only key that will do: an OpenSSH public key line or `SHA256:...`; known_hosts is not asked then
 * @param options.confirm asks a person about a new host; absent where nobody can be asked
 * @returns a function that throws RemotingError HostKeyUnknown, HostKeyChanged or HostKeyRevoked
 */
export function createHostKeyCheck(options: {
  computerName: string;
  host: string;
  port: number;
  pinned?: string | undefined;
  knownHosts: KnownHosts;
  confirm?: ((question: HostKeyQuestion) => Promise<boolean>) | undefined;
}): (publicKey: Buffer, certificate?: Buffer) => Promise<void> {
  const { computerName, host, port, pinned, knownHosts, confirm } = options;
  return async (publicKey, certificate) => {
    const target = { target: computerName };
    const shown = fingerprint(publicKey);
    if (pinned !== undefined) {
      if (isPinned(pinned, publicKey)) return;
      const message = `The host key of ${computerName} is ${shown}, not the hostKey that its configuration names: nothing was sent`;
      throw new RemotingError('HostKeyChanged', message, target);
    }
    const verdict = await knownHosts.check(host, port, publicKey, certificate);
    if (verdict.state === 'known') return;
    if (verdict.state === 'uncertified') {
      const remedy = `If ${shown} is right all the same, add this line to ${knownHosts.file}: ${knownHostsLine(host, port, publicKey)}`;
      const message = `The host certificate of ${computerName} does not vouch for its key: ${verdict.problem}. ${remedy}`;
      throw new RemotingError('HostKeyUnknown', message, target);
    }
    if (verdict.state !== 'unknown') throw refusal(verdict, { computerName, name: knownHostName(host, port), shown });
    const keyType = publicKeyType(publicKey);
    if (confirm === undefined) {
      const line = knownHostsLine(host, port, publicKey);
      const remedy = `If ${shown} is right, add this line to ${knownHosts.file}: ${line}`;
      throw new RemotingError('HostKeyUnknown', `The host key of ${computerName} is not known. ${remedy}`, target);
    }
    if (!(await confirm({ computerName, name: knownHostName(host, port), keyType, fingerprint: shown }))) {
      throw new RemotingError('HostKeyUnknown', `The host key ${shown} of ${computerName} was not accepted`, target);
    }
    await knownHosts.add(host, port, publicKey);
  };
}

function refusal(
  verdict: Extract<HostKeyVerdict, { state: 'changed' | 'revoked' }>,
  about: { computerName: string; name: string; shown: string },
): RemotingError {
  const { file, line, publicKey } = verdict.place;
  const where = `${file}:${line}`;
  const target = { target: about.computerName };
  if (verdict.state === 'revoked') {
    return new RemotingError(
      'HostKeyRevoked',
      `The host key ${about.shown} of ${about.computerName} is revoked by ${where}`,
      target,
    );
  }
  const change = `The host key of ${about.computerName} has changed: it is ${about.shown}, but ${where} has ${fingerprint(publicKey)}`;
  const remedy = `Somebody may be in between; if the agent really has a new key, run: ssh-keygen -f ${file} -R '${about.name}'`;
  return new RemotingError('HostKeyChanged', `${change}. ${remedy}`, target);
}

function isPinned(pinned: string, publicKey: Buffer): boolean {
  if (pinned.startsWith('SHA256:')) return pinned.replace(/=+$/, '') === fingerprint(publicKey);
  const [type = '', base64 = ''] = pinned.trim().split(/\s+/);
  return type === publicKeyType(publicKey) && base64 !== '' && Buffer.from(base64, 'base64').equals(publicKey);
}

type Line = KnownHostsLine & { file: string };

function judge(lines: readonly Line[], name: string, publicKey: Buffer): HostKeyVerdict {
  const here = lines.filter((line) => line.marker !== 'cert-authority' && matchesHost(line.hosts, name));
  const same = here.filter((line) => line.publicKey.equals(publicKey));
  const revoked = same.find((line) => line.marker === 'revoked');
  if (revoked !== undefined) return { state: 'revoked', place: placeOf(revoked) };
  const [known] = same;
  if (known !== undefined) return { state: 'known', place: placeOf(known) };
  // Whatever its type: an agent has one host key.
  const other = here.find((line) => line.marker === undefined);
  return other === undefined ? { state: 'unknown' } : { state: 'changed', place: placeOf(other) };
}

function placeOf({ file, line, publicKey }: Line): KnownHostsPlace {
  return { file, line, publicKey };
}

async function readLines(file: string): Promise<Line[]> {
  try {
    return parseKnownHosts(await readFile(file, 'utf8')).map((line) => ({ ...line, file }));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return [];
    throw new RemotingError('KeyFileUnusable', `${file} cannot be read: ${String(cause)}`, { cause });
  }
}

/** One write at the end of the file, so that two clients never mix their lines. */
async function append(file: string, line: string): Promise<void> {
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, size - 1));
    const endsWhole = bytesRead === 0 || buffer.readUInt8(0) === 0x0a;
    try {
      await handle.writeFile(endsWhole ? line : `\n${line}`);
    } catch (error) {
      // On a full disk a part of it may have been taken.
      await handle.truncate(size);
      throw error;
    }
  } finally {
    await handle.close();
  }
}
