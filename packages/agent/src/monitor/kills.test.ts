import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TestClient } from '../gateway/testing/test-client.ts';
import { whyNoUsers, type UnixUser } from './testing/unix-user.ts';
import { LIMIT } from './testing/talk.ts';
import { UsersAgent } from './testing/users-agent.ts';

const LINES = 150_000;
const reason = whyNoUsers();

describe.skipIf(reason !== undefined)(
  `sessions of two users${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let agent: UsersAgent;
    let users: UnixUser[];

    beforeAll(async () => {
      agent = new UsersAgent();
      users = [agent.makeUser(), agent.makeUser()];
      await agent.start('gateway.user = "nobody"');
    });

    afterAll(() => agent[Symbol.asyncDispose]());

    /** How often the log tells of an event, and the process id that it told of last. */
    function told(event: string): { count: number; pid: number } {
      const lines = agent.process.log.split('\n').filter((line) => line.includes(`"event":"${event}"`));
      return { count: lines.length, pid: Number(/"pid":(\d+)/.exec(lines.at(-1) ?? '')?.[1]) };
    }

    /** A session whose output is read on through as many connections as it takes. */
    class Reader {
      received = Buffer.alloc(0);
      client: TestClient;
      readonly #user: UnixUser;
      readonly #attachment: { attachmentId: string; incarnation: string };

      constructor(user: UnixUser, client: TestClient, attachment: { attachmentId: string; incarnation: string }) {
        this.client = client;
        this.#user = user;
        this.#attachment = attachment;
      }

      /** Waits for so many bytes in all, at most LIMIT more than were there at the last resume. */
      async until(bytes: number): Promise<void> {
        const from = this.received.length;
        await this.client.until(() => (from + this.client.output(1, from).length >= bytes ? true : undefined));
      }

      async resume(): Promise<void> {
        const { clientId, ticket } = this.client;
        this.received = Buffer.concat([this.received, this.client.output(1, this.received.length)]);
        this.client = await agent.connect(this.#user, { clientId, ticket });
        expect(this.client.resumed).toBe(true);
        const at = this.received.length;
        const channel = { channel: 1, ...this.#attachment, receivedTo: at, limit: at + LIMIT, eventsTo: 0 };
        const { channels } = await this.client.link.request('connection.resume', { channels: [channel] });
        expect(channels).toMatchObject([{ channel: 1, inputReceived: 0 }]);
        expect(channels[0]?.error).toBeUndefined();
      }
    }

    test('lose no byte when the gateway and then the monitor are killed', async () => {
      const readers: Reader[] = [];
      for (const user of users) {
        const client = await agent.connect(user);
        const { attachment } = await agent.open(client, 1);
        // The second half waits, so that there is something left to be lost when the monitor is killed.
        const gate = `((i == ${LINES / 2})) && until [ -e ~/go ]; do sleep 0.05; done`;
        const text = `for ((i = 0; i < ${LINES}; i++)); do ${gate}; echo "${user.name} $i"; done`;
        await client.link.request('command.run', { channel: 1, commandId: randomUUID(), text });
        readers.push(new Reader(user, client, attachment));
      }
      await Promise.all(readers.map((reader) => reader.until(50_000)));
      const { count, pid } = told('gateway.started');
      process.kill(pid, 'SIGKILL');
      await Promise.all(readers.map(({ client }) => client.closed));
      await expect.poll(() => told('gateway.started').count).toBe(count + 1);
      for (const reader of readers) await reader.resume();
      for (const { home } of users) writeFileSync(path.join(home, 'go'), '');
      await Promise.all(readers.map((reader) => reader.until(reader.received.length + 50_000)));

      await agent.process.stop('SIGKILL');
      await Promise.all(readers.map(({ client }) => client.closed));
      await agent.process.restart();
      for (const reader of readers) {
        await reader.resume();
        const end = await reader.client.until(() =>
          reader.client.events.map(({ event }) => event).find((event) => event.type === 'command.ended'),
        );
        await reader.until(end.type === 'command.ended' ? end.at : 0);
      }
      for (const [index, reader] of readers.entries()) {
        const whole = Buffer.concat([reader.received, reader.client.output(1, reader.received.length)]).toString();
        const numbers = [...whole.matchAll(new RegExp(`${users[index]?.name} (\\d+)\r\n`, 'g'))].map(([, digits]) =>
          Number(digits),
        );
        expect(numbers.length).toBe(LINES);
        expect(numbers.every((number, at) => number === at)).toBe(true);
        expect(whole).not.toContain(`${users[1 - index]?.name} `);
      }
    }, 120_000);

    test('a gateway does not outlive its monitor, and runs with no right but the network', async () => {
      const { pid } = told('gateway.started');
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      expect(status).toMatch(/^Groups:\s*$/m);
      expect(status).toMatch(/^Uid:\t([1-9]\d*)\t\1\t\1\t\1$/m);
      for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb']) {
        expect(status).toMatch(new RegExp(`^${set}:\\s0+$`, 'm'));
      }
      expect(status).toMatch(/^NoNewPrivs:\s1$/m);
      await agent.process.stop('SIGKILL');
      await expect.poll(() => isRunning(pid)).toBe(false);
      await agent.process.restart();
    });
  },
);

function isRunning(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Z: it has ended, and whoever has become its parent has not looked yet.
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3) !== 'Z';
  } catch {
    return false;
  }
}
