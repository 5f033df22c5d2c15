import { createHash, randomUUID } from 'node:crypto';
import { opendirSync, rmSync, type Dir } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { StreamTransport, helloAsClient } from '@holdfast/protocol';
import { grantedFile } from './granted-users.ts';
import { socketPath } from './socket-path.ts';

/** `<startedAtMs base36>-<kind>.sock` */
const SOCKET_NAME = /^([0-9a-z]+)-(.{1,8}?)(-[0-9a-f]{8})?\.sock$/;

/**
 * More than hosts of one user ever leave behind. The folder is its user's, and the monitor, which looks into those of all, has
 * other things to do than to go through whatever somebody put there.
 */
const MAX_GENERATIONS = 64;
const MAX_ENTRIES = 4096;

/** A session host's place: its socket, and its generation, which is the socket's name without the ending. */
export type HostPlace = { socket: string; generation: string };

/**
 * What hosts are told apart by: the first 8 characters of the build's id and, behind a hyphen, a digest of the path of
 * the configuration, if one was named: hosts of different configurations do not stand in for each other.
 */
export function hostKind(buildId: string, configFile: string | undefined): string {
  const build = buildId.slice(0, 8);
  if (configFile === undefined) return build;
  return `${build}-${createHash('sha256').update(configFile).digest('hex').slice(0, 8)}`;
}

/** Whether a host's generation has the configuration of `kind`, of whatever build it is. */
export function hasConfiguration(generation: string, kind: string): boolean {
  return generation.split('-')[2] === kind.split('-')[1];
}

/** Name of a host that starts now in `folder`: newer than all that are there, also when the clock was set back. */
export function newGeneration(kind: string, folder: string): string {
  const newest = Math.max(0, ...listGenerations(folder).map(startOf));
  return `${Math.max(Date.now(), newest + 1).toString(36)}-${kind}`;
}

/** Generations that have a socket in `folder`, newest first; of very many, the newest of those that are found first. */
export function listGenerations(folder: string): string[] {
  const generations = entriesOf(folder)
    .filter((name) => SOCKET_NAME.test(name))
    .map((name) => name.slice(0, -'.sock'.length));
  return generations.toSorted((a, b) => startOf(b) - startOf(a)).slice(0, MAX_GENERATIONS);
}

/**
 * The hosts of a kind that answer, newest first.
 * @param before only those that started before this generation
 */
export async function findHosts(
  folder: string,
  kind: string,
  signal: AbortSignal,
  before?: string,
): Promise<HostPlace[]> {
  const latest = before === undefined ? Infinity : startOf(before);
  const ofKind = listGenerations(folder).filter(
    (generation) => generation.endsWith(`-${kind}`) && startOf(generation) < latest,
  );
  const answers = await Promise.all(ofKind.map((generation) => greet(folder, generation, signal)));
  return ofKind
    .filter((_generation, index) => answers[index] === 'answers')
    .map((generation) => ({ socket: join(folder, `${generation}.sock`), generation }));
}

/** Removes what hosts that were killed left in `folder` and `outputFolder`. */
export async function removeDeadHosts(folder: string, outputFolder: string, signal: AbortSignal): Promise<void> {
  await Promise.all(
    listGenerations(folder).map(async (generation) => {
      if ((await greet(folder, generation, signal)) !== 'dead') return;
      rmSync(join(folder, `${generation}.sock`), { force: true });
      rmSync(grantedFile(folder, generation), { force: true });
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

/** The first names in a folder, which may not be there. */
function entriesOf(folder: string): string[] {
  const names: string[] = [];
  let entries: Dir | undefined;
  try {
    entries = opendirSync(folder);
    for (let entry = entries.readSync(); entry !== null && names.length < MAX_ENTRIES; entry = entries.readSync())
      names.push(entry.name);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  } finally {
    entries?.closeSync();
  }
  return names;
}
