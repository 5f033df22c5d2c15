import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WatchedSession, type Connection, type RemoteSession } from '@holdfast/shell/client';
import { expect, test } from 'vitest';
import { connectFrom } from '../support/client.ts';
import { FaultLink } from '../support/fault-link.ts';
import { RIPPLE } from '../support/fault-plan.ts';
import { seededBytes, seededRandom } from '../support/random.ts';
import { startRemote } from '../support/remote.ts';
import { testSeed } from '../support/seed.ts';

const HAND_OVERS = 12;

/** One client: it has the keyboard, or looks on. */
type Person = { connection: Connection; watched: WatchedSession | undefined; snapshots: number };

const SIZE = { columns: 80, rows: 24 };

function look(person: Person, watched: WatchedSession): Promise<void> {
  person.watched = watched;
  return watched.show({ ...SIZE, onSnapshot: () => void (person.snapshots += 1) });
}

/** Goes on as a watcher after the keyboard was taken. */
function lookOn(person: Person, lost: RemoteSession): Promise<void> {
  const watched = WatchedSession.after(lost);
  if (watched === undefined) throw new Error('It was lost otherwise');
  return look(person, watched);
}

/** As a prompt shows a session: who loses the keyboard looks on. */
async function sit(session: RemoteSession): Promise<void> {
  const onOutput = (_bytes: Buffer, done: () => void): void => done();
  await session.show({ ...SIZE, skipEcho: false, stays: true, onOutput, onSnapshot: () => {}, onEvent: () => {} });
}

test(`${HAND_OVERS} hand-overs among three clients, with cuts: all that was typed is in the file once, or shown as not sent`, async () => {
  const seed = testSeed();
  const random = seededRandom(seed);
  await using remote = await startRemote();
  await using link = await FaultLink.start(() => remote.agent.port, RIPPLE, seed);
  remote.client.knows({ srv1: { port: link.port, hostKey: remote.agent.hostKey } });
  const people: Person[] = [];
  for (let count = 0; count < 3; count += 1) {
    people.push({ connection: await connectFrom(remote.client, 'srv1'), watched: undefined, snapshots: 0 });
  }
  const file = join(remote.host.home, 'typed');
  const [first, ...others] = people;
  if (first === undefined) throw new Error('Nobody');
  let session = await first.connection.openSession({ name: 'work', ...SIZE });
  await sit(session);
  await session.run(`stty raw -echo; exec cat > ${file}`).accepted;
  await expect.poll(() => readFileSync(file, 'latin1'), { timeout: 20_000 }).toBe('');
  const { instanceId } = session.info;
  for (const person of others) await look(person, await person.connection.watchSession(instanceId));

  let expected = '';
  for (let turn = 0; turn < HAND_OVERS; turn += 1) {
    const [now, next] = [people[turn % 3], people[(turn + 1) % 3]];
    if (now === undefined || next?.watched === undefined) throw new Error('Nobody watches');
    const lost = Promise.withResolvers<Uint8Array>();
    session.onState((_state, { unsentInput }) => lost.resolve(unsentInput));
    const typed = seededBytes(seed + turn, 2000).toString('hex');
    session.write(Buffer.from(typed.slice(0, 2500)));
    await delay(random() * 20);
    if (random() < 0.5) link.cut();
    const taking = next.watched.take();
    // After the loss was told nothing is taken from the person any more.
    const given = session.state === 'Opened' ? typed : typed.slice(0, 2500);
    session.write(Buffer.from(typed.slice(2500)));
    if (random() < 0.3) link.cut();
    const held = await taking;
    const unsent = Buffer.from(await lost.promise).toString();
    expect(given.endsWith(unsent)).toBe(true);
    expected += given.slice(0, given.length - unsent.length);
    await lookOn(now, session);
    session = held;
    await sit(session);
  }
  session.write(Buffer.from('the end'));
  const isRight = (): boolean => readFileSync(file, 'latin1') === `${expected}the end`;
  await expect.poll(isRight, { timeout: 20_000 }).toBe(true);
  expect(expected.length).toBeGreaterThan(0);
  for (const { connection, snapshots } of people) {
    expect(snapshots).toBeGreaterThan(0);
    connection.close();
  }
}, 120_000);
