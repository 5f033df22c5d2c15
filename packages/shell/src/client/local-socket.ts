import { closeSync, constants, lstatSync, openSync, readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { RemotingError, StreamTransport, helloAsClient } from '@holdfast/protocol';
import type { Dial, DialedLink } from './link-keeper.ts';

/** Bytes of a path that a Unix socket's address holds, without the end mark. */
const MAX_SOCKET_PATH = 103;

/** Who asks, for the session host. */
export type LocalClient = { clientId: string; clientName: string };

/**
 * Paths of the sockets of this user's session hosts, of whatever build, the newest first; a host that was killed has
 * left its own behind.
 * @throws RemotingError AccessDenied for a folder that others could write to
 */
export function hostSockets(folder: string): string[] {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) return [];
  const ours = stat.isDirectory() && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0;
  if (!ours) {
    throw new RemotingError('AccessDenied', `${folder} is not a folder of this user alone (0700): mend or remove it`);
  }
  const names = readdirSync(folder).filter((name) => /^[0-9a-z]+-.+\.sock$/.test(name));
  return names
    .toSorted()
    .toReversed()
    .map((name) => join(folder, name));
}

/**
 * Makes a Dial to the session host at `path`, and to no other, for the sessions are there. One that has ended throws
 * HostUnavailable; a socket that is missing counts so after `hostGoneMs`, since a host binds it anew.
 */
export function dialHost(path: string, client: LocalClient, options: { hostGoneMs: number }): Dial {
  let missingSince: number | undefined;
  return async (signal) => {
    try {
      const link = await greet(await openSocket(path, signal), client, signal);
      missingSince = undefined;
      return link;
    } catch (cause) {
      const code = codeOf(cause);
      if (code === 'ENOENT') missingSince ??= performance.now();
      const missing = missingSince !== undefined && performance.now() - missingSince >= options.hostGoneMs;
      if (code !== 'ECONNREFUSED' && !missing) throw cause;
      throw new RemotingError('HostUnavailable', 'The local session host has ended, and its sessions with it', {
        cause,
      });
    }
  };
}

/** True for the error of a host that is not there any more, as opposed to one that hangs or refuses. */
export function isHostGone(error: unknown): boolean {
  if (error instanceof RemotingError) return error.id === 'HostUnavailable' || error.id === 'ConnectionLost';
  return codeOf(error) === 'ENOENT';
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
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
