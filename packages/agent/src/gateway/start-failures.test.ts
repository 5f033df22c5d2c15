import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runAgent } from './testing/agent-process.ts';
import { TestHome } from './testing/test-gateway.ts';

let home: TestHome;

beforeEach(() => {
  home = new TestHome();
});

afterEach(() => {
  home[Symbol.dispose]();
});

describe('a gateway that cannot start says why in one line', () => {
  const serve = (extra: readonly string[]) => runAgent(home, ['serve', '--state-dir', home.stateDir, ...extra]);

  test('the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { status, stderr } = await serve(['--authorized-keys', home.authorizedKeys, '--listen', `127.0.0.1:${port}`]);
    server.close();
    expect(status).toBe(1);
    expect(stderr).toBe(
      `holdfast-agent: Cannot listen on 127.0.0.1:${port}: another program listens there: stop it, or choose another port with --listen\n`,
    );
  });

  test.each([
    [
      'a host key that is not there',
      ['--host-key', '/nowhere/key'],
      /^holdfast-agent: The host key \/nowhere\/key .*\n$/,
    ],
    ['an address that is none', ['--listen', 'a:b:c'], /^holdfast-agent: a:b:c is no address.*\n$/],
    ['a port alone', ['--listen', '7603'], /^holdfast-agent: 7603 is no address.*: give ADDR:PORT.*\n$/],
    ['a configuration that is not there', ['--config', '/nowhere.toml'], /^holdfast-agent: .*\/nowhere\.toml.*\n$/],
  ])('%s', async (_, extra, complaint) => {
    const { status, stderr } = await serve(['--authorized-keys', home.authorizedKeys, ...extra]);
    expect(stderr).toMatch(complaint);
    expect(status).toBe(1);
  });

  test('a runtime folder that others may enter', async () => {
    chmodSync(home.runtimeDir, 0o755);
    const { status, stderr } = await serve(['--authorized-keys', home.authorizedKeys, '--listen', '127.0.0.1:0']);
    expect(stderr).toBe(
      `holdfast-agent: The folder ${home.runtimeDir} cannot be used: others may enter it: run 'chmod 700' on it\n`,
    );
    expect(status).toBe(1);
  });

  test.each([
    ['serve', '--listen', '127.0.0.1:0', '--authorized-keys', ''],
    ['keygen'],
    ['host', '--ensure'],
    ['host', '--foreground'],
  ])('a state folder that others may write (%s %s)', async (...command) => {
    mkdirSync(home.stateDir);
    chmodSync(home.stateDir, 0o777);
    const args = command.map((word) => (word === '' ? home.authorizedKeys : word));
    const { status, stdout, stderr } = await runAgent(home, args, { HOLDFAST_STATE_DIR: home.stateDir });
    expect(stderr).toBe(
      `holdfast-agent: The folder ${home.stateDir} cannot be used: others may write it: run 'chmod go-w' on it\n`,
    );
    expect({ status, stdout, made: readdirSync(home.stateDir) }).toEqual({ status: 1, stdout: '', made: [] });
  });

  test.runIf(process.getuid?.() === 0)("another user's state folder", async () => {
    mkdirSync(home.stateDir);
    chownSync(home.stateDir, 65_534, 65_534);
    const { status, stderr } = await serve(['--authorized-keys', home.authorizedKeys, '--listen', '127.0.0.1:0']);
    expect(stderr).toBe(`holdfast-agent: The folder ${home.stateDir} cannot be used: it belongs to another user\n`);
    expect({ status, made: readdirSync(home.stateDir) }).toEqual({ status: 1, made: [] });
  });

  test.runIf(process.getuid?.() === 0).each([
    ['[gateway]\nuser = "no-such-user"', /There is no user no-such-user for the gateway: make it with useradd .*/],
    ['[gateway]\nuser = "root"', /The gateway must not run as root.*/],
    ['[access]\npermitroot = true', /\[access\] of .*agent\.toml: permitroot: .*/],
    ['[access]\nallowUsers = "ann"', /\[access\] of .*agent\.toml: allowUsers: .*/],
  ])('root for all users, with %j', async (text, complaint) => {
    const config = join(home.folder, 'agent.toml');
    writeFileSync(config, text);
    const { status, stdout, stderr } = await serve(['--listen', '127.0.0.1:0', '--config', config]);
    expect(stderr).toMatch(new RegExp(`^holdfast-agent: ${complaint.source}\n$`));
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  });

  test.runIf(process.getuid?.() === 0)('root for all users, in a folder that the gateway cannot reach', async () => {
    const { status, stderr } = await serve(['--listen', '127.0.0.1:0']);
    // What the log says of it comes before.
    expect(stderr).toMatch(
      /\nholdfast-agent: The gateway, as \w+, does not get to .*gateway: choose another --state-dir.*\n$/,
    );
    expect(status).toBe(1);
  });
});

describe('a command line that is not understood does nothing and ends with 2', () => {
  test.each([
    ['Unknown argument: lisen', ['serve', '--lisen', '0.0.0.0:7', '--authorized-keys', 'F']],
    ['Unknown argument: extra', ['serve', 'extra', '--authorized-keys', 'F']],
    ['Unknown argument: bogus', ['status', '--bogus']],
    ['Unknown argument: bogus', ['keygen', '--bogus']],
    ['Not enough arguments following: state-dir', ['keygen', '--state-dir']],
    ['Unknown argument: nosuch', ['nosuch']],
    ['Which command? See --help', []],
    ['--listen is given more than once', ['serve', '--listen', 'a:1', '--listen', 'b:1', '--authorized-keys', 'F']],
    ['--state-dir is given more than once', ['keygen', '--state-dir', 'a', '--state-dir=b']],
    ['--config is given more than once; see holdfast-agent host --help', ['host', '--config', 'a', '--config', 'b']],
    ["Unknown option '--bogus'; see holdfast-agent host --help", ['host', '--bogus']],
  ])('%s: %j', async (message, args) => {
    expect(await runAgent(home, args)).toEqual({
      status: 2,
      stdout: '',
      stderr: `holdfast-agent: ${message}\n`,
    });
    // Its state folder would be there.
    expect(existsSync(join(home.folder, '.local'))).toBe(false);
  });
});
