import { randomUUID } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { StreamTransport, helloAsClient } from '@holdfast/protocol';
import { socketPath } from './socket-path.ts';

/** `<startedAtMs base36>-<first 8 of the build id>.sock` */
const SOCKET_NAME = /^([0-9a-z]+)-(.{1,8})\.sock$/;

/** A session host's place: its socket, and its generation, which is the socket's name without the ending. */
export type HostPlace = { socket: string; generation: string };

/** Name of a host that starts now. */
export function newGeneration(buildId: string): string {
  return `${Date.now().toString(36)}-${buildId.slice(0, 8)}`;
}

/** Generations that have a socket in `folder`, newest first. */
export function listGenerations(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
  const generations = names.filter((name) => SOCKET_NAME.test(name)).map((name) => name.slice(0, -'.sock'.length));
  return generations.toSorted((a, b) => startOf(b) - startOf(a));
}

/**
 * The hosts of build `buildId` that answer, newest first.
 * @param before only those that started before this generation
 */
export async function findHosts(
  folder: string,
  buildId: string,
  signal: AbortSignal,
  before?: string,
): Promise<HostPlace[]> {
  const latest = before === undefined ? Infinity : startOf(before);
  const ofBuild = listGenerations(folder).filter(
    (generation) => generation.endsWith(`-${buildId.slice(0, 8)}`) && startOf(generation) < latest,
  );
  const answers = await Promise.all(ofBuild.map((generation) => greet(folder, generation, signal)));
  return ofBuild
    .filter((_generation, index) => answers[index] === 'answers')
    .map((generation) => ({ socket: join(folder, `${generation}.sock`), generation }));
}

/** Removes what hosts that were killed left in `folder` and `outputFolder`. */
export async function removeDeadHosts(folder: string, outputFolder: string, signal: AbortSignal): Promise<void> {
  await Promise.all(
    listGenerations(folder).map(async (generation) => {
      if ((await greet(folder, generation, signal)) !== 'dead') return;
      rmSync(join(folder, `${generation}.sock`), { force: true });
      rmSync(join(folder, `${generation}.d`), { recursive: true, force: true });
      rmSync(join(outputFolder, generation), { recursive: true, force: true });
    }),
  );
}

/** `dead` only when nobody listens on the socket; a host that is slow to answer is `silent`. */
async function greet(folder: string, generation: string, signal: AbortSignal): Promise<'answers' | 'silent' | 'dead'> {
  using place = socketPath(folder, `${generation}.sock`);
  const socket = connect(place.path);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once('connect', resolve).once('error', reject);
  try {
    await promise;
    // A host that is being started answers when it knows that it stays.
    const caller = { user: userInfo().username, roles: ['owner' as const], key: 'local', address: 'local' };
    const client = { clientId: randomUUID(), clientName: `holdfast-agent ${process.pid}`, caller };
    await helloAsClient(new StreamTransport(socket), client, signal);
    return 'answers';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED' ? 'dead' : 'silent';
  } finally {
    socket.destroy();
  }
}

function startOf(generation: string): number {
  return Number.parseInt(generation.split('-')[0] ?? '0', 36);
}
