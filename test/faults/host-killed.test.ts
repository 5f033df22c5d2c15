import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RemoteSession } from '@holdfast/shell/client';
import { ShownOutput, connectFrom } from '../support/client.ts';
import { FaultLink } from '../support/fault-link.ts';
import { RIPPLE } from '../support/fault-plan.ts';
import { startRemote } from '../support/remote.ts';
import { TypedStream } from '../support/typed-stream.ts';

/** The buffers of a Linux terminal: N_TTY_BUF_SIZE, and those that its line discipline has not taken (tty_buffer.c). */
const TERMINAL_BYTES = (4 + 64) * 1024;

/** A program that keeps what it reads; resolves when it reads. */
async function keepInput(session: RemoteSession, file: string): Promise<void> {
  const shown = new ShownOutput();
  await shown.show(session);
  session.run(`stty raw -echo; printf 'B''EGIN'; cat > ${file}`).ended.catch(() => 'its host is gone');
  await shown.until(() => shown.text.includes('BEGIN'));
}

test('input that a killed session host had not given to its terminal is shown as unsent, and a new session gets none of it', async () => {
  await using remote = await startRemote();
  await using link = await FaultLink.start(() => remote.agent.port, RIPPLE);
  remote.client.knows({ srv1: { port: link.port, hostKey: remote.agent.hostKey } });
  await using connection = await connectFrom(remote.client, 'srv1');
  for (let round = 0; round < 5; round += 1) {
    const typed = new TypedStream(link.seed + round);
    const session = await connection.openSession({ name: 'same', columns: 80, rows: 24 });
    await keepInput(session, `old-${round}`);
    const over = new Promise<{ state: string; unsent: Uint8Array }>((resolve) =>
      session.onState((state, { unsentInput }) => resolve({ state, unsent: unsentInput })),
    );
    const old = join(remote.host.home, `old-${round}`);
    typed.begin();
    session.write(typed.next(1024 * 1024));
    await expect.poll(() => statSync(old).size, { timeout: 10_000 }).toBeGreaterThan(0);
    const status = await connection.status();
    for (const { pid } of status.hosts) process.kill(pid, 'SIGKILL');
    session.write(typed.next(64 * 1024));
    const { state, unsent } = await over;
    session.write(Buffer.from('typed to a dead session'));
    expect(state).toBe('Broken');
    expect(unsent.length).toBeGreaterThanOrEqual(64 * 1024);
    expect(typed.end(unsent)).toBeUndefined();
    expect(Buffer.from(session.unsentInput).equals(unsent)).toBe(true);

    const next = await connection.openSession({ name: 'same', columns: 80, rows: 24 });
    await keepInput(next, `new-${round}`);
    link.cut();
    await connection.listSessions();
    next.write(Buffer.from('meant for it'));
    await next.inputSettled();
    await expect
      .poll(() => readFileSync(join(remote.host.home, `new-${round}`), 'utf8'), { timeout: 10_000 })
      .toBe('meant for it');
    // What a terminal holds when it is hung up, its program cannot read any more (tty_io.c).
    const read = readFileSync(old);
    expect(typed.compare(read, false)).toBeUndefined();
    expect(typed.given - unsent.length - read.length).toBeLessThanOrEqual(TERMINAL_BYTES);
    await next.stop();
  }
});
