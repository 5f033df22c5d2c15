import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { RemotingError } from '@holdfast/protocol';
import * as v from 'valibot';
import type { ClientSettings } from './client-settings.ts';
import { runtimeFolder } from './folders.ts';
import { dialHost, hostSockets, type LocalClient } from './local-socket.ts';
import { OtherGenerations } from './other-generations.ts';
import { ResumableLink } from './resumable-link.ts';

/** Set when the programs are built; a program that runs from its source starts an agent that does so too. */
const BUILD_ID = process.env['HOLDFAST_BUILD_ID'] ?? 'dev';

const EnsureReply = v.object({ socket: v.string(), generation: v.string() });

/**
 * Links to the session host of this user and build, which is started when none answers: new sessions go there. With
 * it come the hosts of other builds, where earlier or later sessions are.
 * @throws RemotingError HostUnavailable, AccessDenied, HandshakeTimeout
 */
export async function openLocalHost(
  client: LocalClient,
  options: { computerName: string; environment: NodeJS.ProcessEnv; settings: ClientSettings; signal: AbortSignal },
): Promise<{ link: ResumableLink; others: OtherGenerations }> {
  const { environment, settings, signal } = options;
  const folder = runtimeFolder(environment);
  const open = (path: string, limit: AbortSignal): Promise<ResumableLink> =>
    ResumableLink.open(dialHost(path, client, settings), settings, limit);
  let own = await openRunning(ownSockets(folder), (path) => open(path, signal), signal);
  if (own === undefined) {
    const path = await ensureHost(environment, signal);
    own = { path, link: await open(path, signal) };
  }
  const { path, link } = own;
  const others = new OtherGenerations({
    computerName: options.computerName,
    clientId: client.clientId,
    sockets: () => hostSockets(folder).filter((other) => basename(other) !== basename(path)),
    open: (other) => open(other, AbortSignal.timeout(settings.attemptTimeoutMs)),
    answerMs: settings.attemptTimeoutMs,
  });
  return { link, others };
}

function ownSockets(folder: string): string[] {
  return hostSockets(folder).filter((path) => path.endsWith(`-${BUILD_ID.slice(0, 8)}.sock`));
}

async function openRunning(
  paths: readonly string[],
  open: (path: string) => Promise<ResumableLink>,
  signal: AbortSignal,
): Promise<{ path: string; link: ResumableLink } | undefined> {
  for (const path of paths) {
    try {
      return { path, link: await open(path) };
    } catch (error) {
      // What a killed host left behind; the next one, or a new host, is tried.
      if (signal.aborted) throw error;
    }
  }
  return undefined;
}

/** Asks the agent to see to it that a host of this build runs, and returns its socket's path. */
async function ensureHost(environment: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  const [file, ...args] = agentCommand();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  execFile(file, [...args, 'host', '--ensure'], { env: environment, signal }, (error, stdout, stderr) => {
    if (error === null) {
      resolve(stdout);
      return;
    }
    const reason = stderr.trim() === '' ? error.message : stderr.trim();
    reject(new RemotingError('HostUnavailable', `The local session host did not start: ${reason}`, { cause: error }));
  });
  return parseEnsured(await promise);
}

function parseEnsured(stdout: string): string {
  try {
    return v.parse(EnsureReply, JSON.parse(stdout)).socket;
  } catch (cause) {
    throw new RemotingError('HostUnavailable', `The agent's answer is not as agreed: ${stdout.trim()}`, { cause });
  }
}

function agentCommand(): [string, ...string[]] {
  const folder = dirname(createRequire(import.meta.url).resolve('@holdfast/agent/package.json'));
  return BUILD_ID === 'dev'
    ? [process.execPath, join(folder, 'src', 'main.ts')]
    : [join(folder, 'bin', 'holdfast-agent')];
}
