import { execFile } from 'node:child_process';
import { closeSync, constants, lstatSync, openSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { connect, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { RemotingError, StreamTransport, helloAsClient } from '@holdfast/protocol';
import * as v from 'valibot';
import { runtimeFolder } from './folders.ts';
import type { Dial, DialedLink } from './link-keeper.ts';

/** Set when the programs are built; a program that runs from its source starts an agent that does so too. */
const BUILD_ID = process.env['HOLDFAST_BUILD_ID'] ?? 'dev';

/** Bytes of a path that a Unix socket's address holds, without the end mark. */
const MAX_SOCKET_PATH = 103;

const EnsureReply = v.object({ socket: v.string(), generation: v.string() });

/** Who asks, for the session host. */
export type LocalClient = { clientId: string; clientName: string };

/**
 * Makes a Dial to the session host of this user and build: the first time it finds or starts one, later it goes back
 * to the same, where the sessions are.
 */
export function localDial(client: LocalClient, options: { environment: NodeJS.ProcessEnv; hostGoneMs: number }): Dial {
  let known: string | undefined;
  let missingSince: number | undefined;
  return async (signal) => {
    if (known === undefined) {
      const { path, socket } = await findOrStart(options.environment, signal);
      const link = await greet(socket, client, signal);
      known = path;
      return link;
    }
    try {
      const link = await greet(await openSocket(known, signal), client, signal);
      missingSince = undefined;
      return link;
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
      if (code === 'ENOENT') missingSince ??= performance.now();
      const missing = missingSince !== undefined && performance.now() - missingSince >= options.hostGoneMs;
      if (code !== 'ECONNREFUSED' && !missing) throw cause;
      throw new RemotingError('HostUnavailable', 'The local session host has ended, and its sessions with it', {
        cause,
      });
    }
  };
}

async function findOrStart(
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<{ path: string; socket: Socket }> {
  const folder = runtimeFolder(environment);
  for (const path of socketsOf(folder)) {
    try {
      return { path, socket: await openSocket(path, signal) };
    } catch (error) {
      // What a killed host left behind; the next one, or a new host, is tried.
      if (signal.aborted) throw error;
    }
  }
  const path = await ensureHost(environment, signal);
  return { path, socket: await openSocket(path, signal) };
}

/** Sockets of this build's hosts, the newest first. @throws RemotingError AccessDenied for a folder that others could write to */
function socketsOf(folder: string): string[] {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  const ours = stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
  if (!ours) {
    throw new RemotingError('AccessDenied', `${folder} is not a folder of this user alone (0700): mend or remove it`);
  }
  const ending = `-${BUILD_ID.slice(0, 8)}.sock`;
  const names = readdirSync(folder).filter((name) => name.endsWith(ending));
  return names
    .toSorted()
    .toReversed()
    .map((name) => join(folder, name));
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

async function openSocket(path: string, signal: AbortSignal): Promise<Socket> {
  // Through an open folder, a path of any length fits into a socket's address.
  const isLong = Buffer.byteLength(path) > MAX_SOCKET_PATH;
  const folder = isLong ? openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY) : undefined;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(folder === undefined ? path : `/proc/self/fd/${folder}/${basename(path)}`);
  const onAbort = (): void => reject(new RemotingError('HandshakeTimeout', `${path} did not answer in time`));
  socket.once('connect', resolve).once('error', reject);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    await promise;
    socket.off('error', reject);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (folder !== undefined) closeSync(folder);
  }
}

async function greet(socket: Socket, client: LocalClient, signal: AbortSignal): Promise<DialedLink> {
  const { username: user } = userInfo();
  const transport = new StreamTransport(socket);
  try {
    await helloAsClient(
      transport,
      { ...client, caller: { user, roles: ['owner'], key: 'local', address: 'local' } },
      signal,
    );
    return { transport, user };
  } catch (error) {
    transport.terminate();
    throw error;
  }
}
