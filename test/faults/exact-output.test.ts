import type { RemoteSession } from '@holdfast/shell/client';
import { describe, expect, test } from 'vitest';
import { ShownOutput, connectFrom } from '../support/client.ts';
import { seededRandom } from '../support/random.ts';
import { startRemote } from '../support/remote.ts';

const random = seededRandom(20261121);

/** 1 byte to 1 MiB, small sizes as often as large ones. */
function someSize(): number {
  return Math.max(1, Math.round(2 ** (random() * 20)));
}

/** Prints exactly `bytes` bytes and exits at once. */
function printing(bytes: number): string {
  return `head -c ${bytes} /dev/zero | tr '\\0' x`;
}

describe('1,000 commands that print and exit at once lose no byte', () => {
  test('500 attached, in one session', async () => {
    await using remote = await startRemote();
    await using connection = await connectFrom(remote.client, 'srv1');
    const session = await connection.openSession({ columns: 80, rows: 24 });
    let count = 0;
    const shown = new ShownOutput((chunk) => (count += countX(chunk)));
    await shown.show(session);
    for (let run = 0; run < 500; run += 1) {
      const bytes = someSize();
      count = 0;
      await session.run(printing(bytes)).ended;
      expect(count).toBe(bytes);
    }
    await session.stop();
  });

  test('200 attached to a terminal that stops taking bytes now and then', async () => {
    await using remote = await startRemote();
    await using connection = await connectFrom(remote.client, 'srv1');
    const session = await connection.openSession({ columns: 80, rows: 24 });
    let count = 0;
    await session.show({
      columns: 80,
      rows: 24,
      skipEcho: true,
      onOutput: (chunk, done) => {
        count += countX(chunk);
        if (random() < 0.2) setTimeout(done, random() * 20);
        else done();
      },
      onSnapshot: () => {},
      onEvent: () => {},
    });
    for (let run = 0; run < 200; run += 1) {
      const bytes = someSize();
      count = 0;
      await session.run(printing(bytes)).ended;
      expect(count).toBe(bytes);
    }
    await session.stop();
  });

  test('200 as the last act of a session that ends with them', async () => {
    await using remote = await startRemote();
    await using connection = await connectFrom(remote.client, 'srv1');
    for (let run = 0; run < 200; run += 10) {
      await Promise.all(Array.from({ length: 10 }, () => lastAct(connection)));
    }
  });

  test('100 while nobody is attached', async () => {
    await using remote = await startRemote();
    for (let run = 0; run < 100; run += 10) {
      await using first = await connectFrom(remote.client, 'srv1');
      const started = Array.from({ length: 10 }, async () => {
        const session = await first.openSession({ columns: 80, rows: 24 });
        const bytes = someSize();
        await session.run(`sleep 0.05; ${printing(bytes)}; printf 'THE''-END'`).accepted;
        await session.detach();
        return { instanceId: session.info.instanceId, bytes };
      });
      await using second = await connectFrom(remote.client, 'srv1');
      for (const { instanceId, bytes } of await Promise.all(started)) {
        const session = await second.connectSession(instanceId, {});
        await expectWhole(session, bytes);
        await session.stop();
      }
    }
  });
});

async function lastAct(connection: Awaited<ReturnType<typeof connectFrom>>): Promise<void> {
  const session = await connection.openSession({ columns: 80, rows: 24 });
  let count = 0;
  const shown = new ShownOutput((chunk) => (count += countX(chunk)));
  await shown.show(session);
  const bytes = someSize();
  // `exec` in a pipe's last place would be a subshell; the shell itself must print and go.
  session.run(`exec head -c ${bytes} <(yes x | tr -d '\\n')`).ended.catch(() => 'its shell is gone');
  await shown.until(() => shown.events.some((event) => event.type === 'session.exited'));
  expect(count).toBe(bytes);
}

async function expectWhole(session: RemoteSession, bytes: number): Promise<void> {
  const chunks: Buffer[] = [];
  let tail = '';
  await new Promise<void>((resolve) => {
    void session.show(
      {
        columns: 80,
        rows: 24,
        skipEcho: false,
        onOutput: (chunk, done) => {
          chunks.push(chunk);
          tail = (tail + chunk.toString('latin1')).slice(-40);
          done();
          if (tail.includes('THE-END')) resolve();
        },
        onSnapshot: () => {},
        onEvent: () => {},
      },
      'start',
    );
  });
  const text = Buffer.concat(chunks).toString('latin1');
  expect(/x*(?=THE-END)/.exec(text)?.[0].length).toBe(bytes);
}

function countX(chunk: Buffer): number {
  let count = 0;
  for (const byte of chunk) if (byte === 0x78) count += 1;
  return count;
}
