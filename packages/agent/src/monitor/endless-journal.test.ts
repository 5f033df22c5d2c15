import { randomUUID } from 'node:crypto';
import { chownSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeSessionHost } from '../gateway/testing/fake-session-host.ts';
import { whyNoUsers, type UnixUser } from './testing/unix-user.ts';
import { UsersAgent } from './testing/users-agent.ts';

const reason = whyNoUsers();

const JOURNAL_BYTES = 128 * 1024;
const PER_SECOND = 4096;
/** A look costs so much at least. */
const LOOK_BYTES = 2048;

describe.skipIf(reason !== undefined)(
  `a program in the place of a host with an endless journal${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let agent: UsersAgent;
    let ann: UnixUser;
    let bob: UnixUser;
    let boss: UnixUser;

    beforeAll(async () => {
      agent = new UsersAgent();
      [ann, bob, boss] = [agent.makeUser(), agent.makeUser(), agent.makeUser()];
      const record = `[record]\njournalBytes = ${JOURNAL_BYTES}\ncollectBytesPerSecond = ${PER_SECOND}\n`;
      const access = `[access]\nadministrators = ["${boss.name}"]\n`;
      await agent.start(`${access}${record}[gateway]\nuser = "nobody"\n`);
    });

    afterAll(() => agent[Symbol.asyncDispose]());

    /** Stands where new sessions of ann would go: newer than her host, and of its configuration. */
    async function replaceHost(onJournalRead: () => unknown): Promise<FakeSessionHost> {
      const folder = path.join(agent.home.runtimeDir, String(ann.uid));
      const [real = ''] = readdirSync(folder).filter((name) => name.endsWith('.sock'));
      const [, , configuration = ''] = real.split('-');
      const host = await FakeSessionHost.start(folder, `${(Date.now() + 60_000).toString(36)}-evil-${configuration}`, {
        onRequest: ({ type }) => (type === 'journal.read' ? onJournalRead() : { sessions: [] }),
      });
      chownSync(host.socketPath, ann.uid, ann.gid);
      return host;
    }

    test('is read at the pace of its user, keeps nobody waiting, and others are recorded meanwhile', async () => {
      const first = await agent.connect(ann);
      await agent.open(first, 1);
      first.close();

      const journal = randomUUID();
      let asked = 0;
      let since = 0;
      const host = await replaceHost(() => {
        if (asked === 0) since = performance.now();
        asked += 1;
        const event = { number: asked, time: 1, type: 'command.started', text: `endless ${asked}` };
        return { journals: [{ journal, events: [event] }], more: true };
      });
      try {
        const one = await agent.connect(ann);
        await expect.poll(() => asked, { timeout: 20_000 }).toBeGreaterThan(0);
        const two = await agent.connect(bob);
        await agent.open(two, 1);
        expect(await agent.output(two, 1, 'echo meanwhile')).toBe('meanwhile\n');
        const three = await agent.connect(boss);
        for (const { link } of [one, three]) {
          const { events } = await link.request('events.list', { limit: 500 });
          expect(events.filter(({ text }) => text?.startsWith('endless')).length).toBeGreaterThan(0);
        }
        const ofBob = async (): Promise<unknown[]> => {
          const { events } = await two.link.request('events.list', { types: ['command.started'], limit: 500 });
          return events.map(({ text }) => text);
        };
        await expect.poll(ofBob, { timeout: 20_000 }).toEqual(['echo meanwhile']);

        // It is still read, no faster than it may be.
        const before = asked;
        await expect.poll(() => asked, { timeout: 20_000 }).toBeGreaterThan(before + 2);
        const seconds = (performance.now() - since) / 1000;
        expect(asked).toBeLessThanOrEqual((JOURNAL_BYTES + seconds * PER_SECOND) / LOOK_BYTES + 1);
        for (const client of [one, two, three]) client.close();
        await Promise.all([one, two, three].map(({ closed }) => closed));
      } finally {
        host.close();
      }
    });

    test('that is not as agreed, or far too long, is refused, and said once', async () => {
      const row = { number: 1, time: 1, type: 'command.started', text: 'x' };
      const answers: unknown[] = [
        { journals: [{ journal: randomUUID(), events: Array.from({ length: 40_000 }, () => row) }], more: true },
        { journals: [{ journal: 'none', events: [] }], more: true },
        { journals: [null], more: true },
      ];
      let asked = 0;
      const host = await replaceHost(() => answers[asked++ % answers.length]);
      try {
        const one = await agent.connect(ann);
        for (const _ of answers) await one.link.request('events.list', { limit: 1 });
        expect(asked).toBeGreaterThanOrEqual(answers.length);
        const { events } = await one.link.request('events.list', { types: ['command.started'], limit: 500 });
        expect(events.filter(({ text }) => text === 'x')).toEqual([]);
        const said = agent.process.log.split('\n').filter((line) => line.includes('journal.failed'));
        expect(said).toHaveLength(1);
        one.close();
        await one.closed;
      } finally {
        host.close();
      }
    });
  },
);
