import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Signer } from '@holdfast/protocol';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestClient } from '../gateway/testing/test-client.ts';
import { UsersAgent } from './testing/users-agent.ts';
import { run, whyNoUsers, type UnixUser } from './testing/unix-user.ts';

const reason = whyNoUsers();
const GROUP = `hfa${process.pid}`;
/** Gives what follows an /etc of its own, a copy at $1, in which root's home is $2, and root is not locked. */
const OWN_ETC = `
  mount -t tmpfs -o mode=755 tmpfs "$1"
  cp -a /etc/. "$1"
  rm -f "$1/nologin"
  sed -i "s,^\\(root:[^:]*:0:0:[^:]*\\):[^:]*:,\\1:$2:," "$1/passwd"
  sed -i 's,^root:[^:]*:,root:*:,' "$1/shadow"
  mount --bind "$1" /etc
  shift 2
  exec "$@"`;

describe.skipIf(reason !== undefined)(
  `who may come in to an agent for all users${reason === undefined ? '' : ` (skipped: ${reason})`}`,
  () => {
    let agent: UsersAgent;
    let ann: UnixUser;
    let bob: UnixUser;
    let cat: UnixUser;
    let rootHome: string;
    let rootKey: Signer;

    beforeAll(async () => {
      agent = new UsersAgent();
      run('/usr/sbin/groupadd', GROUP);
      [ann, bob, cat] = [agent.makeUser(), agent.makeUser(), agent.makeUser('--groups', GROUP)];
      const { folder } = agent.home;
      const etc = path.join(folder, 'etc');
      rootHome = path.join(folder, 'root');
      for (const made of [etc, rootHome, path.join(rootHome, '.ssh')]) mkdirSync(made, { mode: 0o700 });
      rootKey = agent.home.makeKey('root-key');
      const line = readFileSync(path.join(folder, 'root-key.pub'));
      writeFileSync(path.join(rootHome, '.ssh', 'authorized_keys'), line, { mode: 0o600 });
      await agent.start(
        `[access]\npermitRoot = true\nallowUsers = ["root", "${ann.name}", "@${GROUP}"]\n[gateway]\nuser = "nobody"\nconfigSettledMs = 1\n`,
        {},
        ['unshare', '--mount', '--', 'sh', '-euc', OWN_ETC, 'sh', etc, rootHome],
      );
    });

    afterAll(async () => {
      await agent[Symbol.asyncDispose]();
      run('/usr/sbin/groupdel', GROUP);
    });

    const connectAsRoot = (): Promise<TestClient> =>
      TestClient.connect({ port: agent.process.port, key: rootKey, user: 'root' });

    async function leave(...clients: TestClient[]): Promise<void> {
      for (const client of clients) {
        await client.link.request('connection.goodbye', {});
        client.close();
      }
    }

    async function expectRefused(user: UnixUser, why: string): Promise<void> {
      await expect(agent.connect(user)).rejects.toMatchObject({ id: 'AccessDenied' });
      await expect.poll(() => agent.process.log).toContain(why);
    }

    test('is whom allowUsers names, by name or by group, and nobody else', async () => {
      for (const user of [ann, cat]) await leave(await agent.connect(user));
      await expectRefused(bob, `allowUsers does not name ${bob.name}`);
    });

    test('is root with permitRoot, who has a session of its own and is an administrator', async () => {
      const [user, root] = [await agent.connect(ann), await connectAsRoot()];
      const { instanceId } = (await agent.open(user, 1)).session;
      await agent.open(root, 1);
      expect(await agent.output(root, 1, 'id -un; id -u; pwd')).toBe(`root\n0\n${rootHome}\n`);
      const { sessions } = await root.link.request('session.list', {});
      expect(sessions.find((session) => session.instanceId === instanceId)?.owner).toBe(ann.name);
      await root.link.request('session.detach', { instanceId });
      await user.until(() => user.events.find(({ event }) => event.type === 'session.detached'));
      await expect(root.link.request('session.connect', { channel: 5, instanceId, force: true })).rejects.toMatchObject(
        { id: 'SessionNotFound' },
      );
      await leave(user, root);
    });

    test('is root alone while the machine has /etc/nologin', async () => {
      // The agent's own /etc, not this machine's.
      const file = `/proc/${agent.process.pid}/root/etc/nologin`;
      writeFileSync(file, 'We are moving');
      expect(existsSync('/etc/nologin')).toBe(false);
      await expectRefused(ann, '/etc/nologin keeps everybody out but root');
      await leave(await connectAsRoot());
      rmSync(file);
      await leave(await agent.connect(ann));
    });

    test('is whom the rules name that were written last, without a restart, by key and by ticket', async () => {
      const config = path.join(agent.home.folder, 'agent.toml');
      const before = readFileSync(config, 'utf8');
      const client = await agent.connect(ann);
      await client.until(() => client.ticket);
      const { ticket, clientId } = client;
      writeFileSync(config, before.replace('[gateway]', `denyUsers = ["${ann.name}"]\n[gateway]`));
      await expectRefused(ann, `denyUsers keeps ${ann.name} out`);
      await expect(agent.connect(ann, { ticket, clientId })).rejects.toMatchObject({ id: 'AccessDenied' });
      // Who is in stays, as with sshd.
      await client.link.request('session.list', {});
      writeFileSync(config, `${before}[acess]\ndenyUsers = []\n`);
      await expectRefused(ann, 'the rules that were there before still count');
      writeFileSync(config, before);
      await leave(await agent.connect(ann), client);
    });
  },
);
