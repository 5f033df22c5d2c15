import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { readGrantedUsers } from '../host/granted-users.ts';
import type { TestClient } from '../gateway/testing/test-client.ts';
import { HungMount, whyNoMount } from './testing/hung-mount.ts';
import { whyNoUsers, type UnixUser } from './testing/unix-user.ts';
import { UsersAgent } from './testing/users-agent.ts';
import { UserFolder } from './user-folder.ts';

const reason = whyNoUsers() ?? whyNoMount();

describe.skipIf(reason !== undefined)(
  `what a user mounts and does not answer for${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let agent: UsersAgent;
    let ann: UnixUser;
    let bob: UnixUser;
    let boss: UnixUser;
    let anns: TestClient;
    let folder: string;
    const mounts: HungMount[] = [];

    beforeAll(async () => {
      agent = new UsersAgent();
      [ann, bob, boss] = [agent.makeUser(), agent.makeUser(), agent.makeUser()];
      // Nothing here comes to a time limit, and the machine may be busy.
      const limits = 'handshakeTimeoutMs = 60000\nhostAnswerMs = 20000\n';
      await agent.start(`[access]\nadministrators = ["${boss.name}"]\n[gateway]\nuser = "nobody"\n${limits}`);
      anns = await agent.connect(ann);
      await agent.open(anns, 1);
      folder = path.join(agent.home.runtimeDir, String(ann.uid));
    });

    const unmount = async (): Promise<void> => {
      for (let mount = mounts.pop(); mount !== undefined; mount = mounts.pop()) await mount[Symbol.asyncDispose]();
    };
    afterEach(unmount);
    afterAll(async () => {
      await unmount();
      await agent[Symbol.asyncDispose]();
    });

    async function mountOver(target: string): Promise<void> {
      mounts.push(await HungMount.over(target, ann));
    }

    /** Comes in, is shown what there is, and works. */
    async function expectServed(user: UnixUser): Promise<void> {
      const client = await agent.connect(user);
      await client.link.request('session.list', {});
      const { session } = await agent.open(client, 1);
      expect(await agent.output(client, 1, 'echo $((6 * 7))')).toBe('42\n');
      await client.link.request('session.stop', { instanceId: session.instanceId });
      client.close();
      await client.closed;
    }

    test('over their folder holds up nobody else, and they are told', async () => {
      await mountOver(folder);
      await expectServed(bob);
      await expectServed(boss);
      const late = await agent.connect(ann);
      await expect(late.link.request('session.list', {})).rejects.toThrow(
        `The folder ${folder} cannot be used: something is mounted over it`,
      );
      late.close();
      // What their own session needs of that folder is theirs to answer for; it goes on when it is there again.
      await unmount();
      expect(await agent.output(anns, 1, 'echo still here')).toBe('still here\n');
    });

    test('over a socket, or the names of guests, holds up nobody else', async () => {
      const [socket = ''] = readdirSync(folder).filter((name) => name.endsWith('.sock'));
      const granted = path.join(folder, socket.replace(/sock$/, 'granted'));
      writeFileSync(granted, bob.name);
      await mountOver(granted);
      await expectServed(bob);
      await mountOver(path.join(folder, socket));
      await expectServed(bob);
      await expectServed(boss);
      await unmount();
      await expectServed(ann);
      rmSync(granted);
    });

    test('between one look and the next is not looked at', async () => {
      const base = mkdtempSync(path.join(tmpdir(), 'holdfast-mounted-'));
      try {
        mkdirSync(path.join(base, '1000'));
        for (const name of ['1-a.sock', '1-a.granted']) writeFileSync(path.join(base, '1000', name), bob.name);
        using before = new UserFolder(base, 1000);
        using file = before.file('1-a.granted');
        await mountOver(path.join(base, '1000', '1-a.granted'));
        expect(readFileSync(file?.path ?? '', 'utf8')).toBe(bob.name);
        expect(before.file('1-a.granted')).toBeUndefined();
        await mountOver(path.join(base, '1000'));
        expect(before.generations()).toEqual(['1-a']);
        expect(readGrantedUsers(file?.path ?? '')).toEqual([bob.name]);
        expect(() => new UserFolder(base, 1000)).toThrow('something is mounted over it');
        await unmount();
      } finally {
        rmSync(base, { recursive: true });
      }
    });
  },
);
