import { existsSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { RemotingError } from '@holdfast/protocol';
import { connect } from '../client/connect.ts';
import { resolveClientSettings } from '../client/client-settings.ts';
import type { Connection } from '../client/connection.ts';
import { configFolder } from '../client/folders.ts';
import { HostsFile, resolveHost, type HostAddress } from '../client/hosts.ts';
import { printable } from '../formatting/value-text.ts';
import type { ConnectionQuestions } from '../runtime/connection-questions.ts';

type AgentAddress = Extract<HostAddress, { kind: 'agent' }>;
/** Without a remedy the step works; an empty one says that the result itself tells what to do. */
type Report = (step: string, result: string, remedy?: string) => void;

/** `doctor HOST`: tries each step of a connection, and says of each whether it works and else what to do. @returns 0 or 1 */
export async function doctor(host: string, questions: ConnectionQuestions): Promise<number> {
  let failed = false;
  const report: Report = (step, result, remedy) => {
    failed ||= remedy !== undefined;
    process.stdout.write(`${remedy === undefined ? 'ok  ' : 'FAIL'}  ${step.padEnd(14)} ${printable(result)}\n`);
    if (remedy !== undefined && remedy !== '') process.stdout.write(`${' '.repeat(21)}${printable(remedy)}\n`);
  };
  const address = findAddress(host, report);
  if (address === undefined) return 1;
  if (address.kind === 'agent') {
    const limitMs = resolveClientSettings().doctorStepMs;
    const isThere = (await checkReach(address, limitMs, report)) && (await checkTls(address, limitMs, report));
    if (!isThere) return 1;
  }
  await checkLogin(address, questions, report);
  return failed ? 1 : 0;
}

function findAddress(host: string, report: Report): HostAddress | undefined {
  const file = join(configFolder(), 'config.toml');
  try {
    const hosts = HostsFile.load();
    const address = resolveHost(host, hosts);
    const source = hosts.find(address.computerName) === undefined ? 'not named in' : 'named in';
    const where =
      address.kind === 'local' ? 'the session host of this machine' : `${address.host} port ${address.port}`;
    report(
      'configuration',
      `${host} is ${where}, ${source} ${file}${existsSync(file) ? '' : ', which does not exist'}`,
    );
    return address;
  } catch (error) {
    report('configuration', messageOf(error), `mend ${file}, or give HOST as host, host:port or a wss:// URL`);
    return undefined;
  }
}

async function checkReach({ host, port }: AgentAddress, limitMs: number, report: Report): Promise<boolean> {
  const socket = connectTcp({ host, port, timeout: limitMs });
  try {
    await opened(socket, 'connect', limitMs);
    report('reach', `${socket.remoteAddress} port ${port} answers`);
    return true;
  } catch (error) {
    const isNameless = error instanceof Error && 'code' in error && error.code === 'ENOTFOUND';
    const remedy = isNameless
      ? 'give the right name, or set an address as the url of the host in config.toml'
      : 'is holdfast-agent serve running there, on an address that can be reached from here, and the port open in the firewall?';
    report('reach', `${host} port ${port}: ${messageOf(error)}`, remedy);
    return false;
  } finally {
    socket.destroy();
  }
}

async function checkTls({ host, port }: AgentAddress, limitMs: number, report: Report): Promise<boolean> {
  // The host proves itself by its host key afterwards; the certificate is its own.
  const socket = connectTls({ host, port, minVersion: 'TLSv1.3', rejectUnauthorized: false, timeout: limitMs });
  try {
    await opened(socket, 'secureConnect', limitMs);
    report('TLS', `${socket.getProtocol()} ${socket.getCipher().standardName}`);
    return true;
  } catch (error) {
    const remedy =
      error instanceof RemotingError
        ? 'look at holdfast-agent serve there: it hangs, is stopped or has no processor; its sessions outlive a restart'
        : 'it speaks no TLS 1.3: it is not holdfast-agent, or a proxy is in between';
    report('TLS', `${host} port ${port}: ${messageOf(error)}`, remedy);
    return false;
  } finally {
    socket.destroy();
  }
}

type Opening = {
  once: (event: string, listener: (error: Error) => void) => unknown;
};

function opened(socket: Opening, event: string, limitMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once(event, () => resolve());
  socket.once('error', reject);
  socket.once('timeout', () => reject(silence(limitMs)));
  return promise;
}

function silence(limitMs: number): RemotingError {
  return new RemotingError('HandshakeTimeout', `no answer within ${limitMs / 1000} s`);
}

async function checkLogin(address: HostAddress, questions: ConnectionQuestions, report: Report): Promise<void> {
  try {
    const connection = await connect(address, questions);
    if (address.kind === 'agent') {
      report('host key', 'it is the one that is known');
      report('user key', 'it is accepted');
    }
    await checkHosts(connection, report);
  } catch (error) {
    reportRefusal(error, address, report);
  }
}

async function checkHosts(connection: Connection, report: Report): Promise<void> {
  try {
    const { user, version, hosts } = await connection.status();
    report('agent', `version ${version}, as user ${user}`);
    const sessions = hosts.reduce((sum, host) => sum + host.sessions, 0);
    const commands = hosts.reduce((sum, host) => sum + (host.commands ?? 0), 0);
    const running = `${hosts.length} running, ${sessions} sessions${commands === 0 ? '' : `, ${commands} one-shot commands`}`;
    report('session host', hosts.length === 0 ? 'none runs; the first session starts one' : running);
  } catch (error) {
    // The agent answers, and tells this key nothing of itself.
    if (error instanceof RemotingError && error.id === 'AccessDenied') return report('agent', error.message);
    report(
      'session host',
      messageOf(error),
      "one of that user's is stopped or hangs: look for 'host --foreground' in ps there",
    );
  } finally {
    connection.close();
  }
}

const HOST_KEY_ERRORS = new Set(['HostKeyUnknown', 'HostKeyChanged', 'HostKeyRevoked', 'SignatureRejected']);

function reportRefusal(error: unknown, address: HostAddress, report: Report): void {
  const id = error instanceof RemotingError ? error.id : '';
  if (HOST_KEY_ERRORS.has(id)) {
    report('host key', messageOf(error), 'compare it with what holdfast-agent serve prints when it starts on the host');
  } else if (id === 'AccessDenied' && address.kind === 'agent') {
    report('host key', 'it is the one that is known');
    report('user key', messageOf(error), '');
  } else if (id === 'KeyFileUnusable') {
    report('key files', messageOf(error), '');
  } else if (address.kind === 'local') {
    report('session host', messageOf(error), 'try holdfast-agent host --foreground to see why it does not start');
  } else {
    report('login', messageOf(error), "the agent's log tells more");
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
