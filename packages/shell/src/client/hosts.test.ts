import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CLIENT_SETTINGS, resolveClientSettings } from './client-settings.ts';
import { configFolder, runtimeFolder, stateFolder } from './folders.ts';
import { HostsFile, resolveHost } from './hosts.ts';

function folderWith(config: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'hosts-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'config.toml'), config);
  return folder;
}

describe('HostsFile', () => {
  test('finds a name in any case and shows it as it is written', () => {
    const hosts = HostsFile.load(
      folderWith('[hosts.Server01]\nurl = "wss://127.0.0.1:7500/x"\nuser = "ann"\nhostKey = "SHA256:abc"\n'),
    );
    expect(hosts.names).toEqual(['Server01']);
    expect(resolveHost('SERVER01', hosts)).toEqual({
      kind: 'agent',
      computerName: 'Server01',
      host: '127.0.0.1',
      port: 7500,
      path: '/x',
      user: 'ann',
      hostKey: 'SHA256:abc',
    });
  });

  test('is empty without a file', () => {
    expect(HostsFile.load('/nonexistent').names).toEqual([]);
  });

  test.each([
    ['[hosts.a\n', /config.toml:1:9 is not TOML: .*[^\n]$/],
    ['[hosts.a]\nuser = "x"\n', 'hosts.a.url'],
    [
      '[hosts.a]\nurl = "wss://x"\nhostkey = "SHA256:wrong"\n',
      /^\/.*\/config.toml: hosts.a.hostkey: there is no such key, only url, user, identity, hostKey$/,
    ],
    [
      '[hosts."a b"]\nurl = "wss://x"\n"x\\ny" = 1\n',
      String.raw`config.toml: hosts."a b"."x\ny": there is no such key`,
    ],
    ['[host.a]\nurl = "wss://x"\n', 'config.toml: host: there is no such key, only hosts, prompt, escapeKey'],
    ['[hosts.a]\nurl = "http://x"\n', 'config.toml: hosts.a.url: "http://x" is no wss://HOST:PORT URL'],
  ])('refuses %j with the place', (text, message) => {
    expect(() => HostsFile.load(folderWith(text))).toThrow(message);
  });
});

describe('resolveHost()', () => {
  const none = new HostsFile();

  test.each([
    ['srv1', 'srv1', 'srv1', 7433, undefined],
    ['srv1:80', 'srv1:80', 'srv1', 80, undefined],
    ['srv1:443', 'srv1:443', 'srv1', 443, undefined],
    ['ann@srv1', 'srv1', 'srv1', 7433, 'ann'],
    ['ann@corp@srv1', 'srv1', 'srv1', 7433, 'ann@corp'],
    ['ann@::1', '::1', '::1', 7433, 'ann'],
    ['ann@wss://srv1', 'wss://srv1', 'srv1', 7433, 'ann'],
    ['wss://ann@srv1', 'wss://ann@srv1', 'srv1', 7433, 'ann'],
    ['ann@localhost', 'localhost', 'localhost', 7433, 'ann'],
    ['[::1]:9', '[::1]:9', '::1', 9, undefined],
    ['::1', '::1', '::1', 7433, undefined],
    ['wss://srv1', 'wss://srv1', 'srv1', 7433, undefined],
    ['wss://srv1:443/', 'wss://srv1:443/', 'srv1', 443, undefined],
  ])('reads %s', (target, ...[computerName, host, port, user]) => {
    expect(resolveHost(target, none)).toMatchObject({ kind: 'agent', computerName, host, port });
    expect(Object.entries(resolveHost(target, none)).find(([name]) => name === 'user')?.[1]).toBe(user);
  });

  test.each(['.', 'localhost', 'LocalHost'])('takes %s for the local session host', (target) => {
    expect(resolveHost(target, none)).toEqual({ kind: 'local', computerName: 'localhost' });
  });

  test('another user of a host of the file keeps all else of its entry', () => {
    const address = { kind: 'agent', computerName: 'Srv1', host: '::1', port: 9, path: '/x', hostKey: 'k' } as const;
    const hosts = new HostsFile([
      { ...address, user: 'bob' },
      { ...address, computerName: 'ann@srv2' },
    ]);
    expect(resolveHost('ann@srv1', hosts)).toEqual({ ...address, user: 'ann' });
    // A name of the file is what it says.
    expect(resolveHost('ann@srv2', hosts)).toEqual({ ...address, computerName: 'ann@srv2' });
  });

  test.each(['', 'a b', 'http://x', 'srv1:port', '@srv1', 'ann:secret@srv1', 'ann@wss://bob@srv1'])(
    'refuses %j',
    (target) => {
      expect(() => resolveHost(target, none)).toThrow('is no computer name');
    },
  );
});

describe('folders', () => {
  test('come from our own variables, then XDG, then the home folder', () => {
    expect(configFolder({ HOLDFAST_CONFIG_DIR: '/c', XDG_CONFIG_HOME: '/x' })).toBe('/c');
    expect(configFolder({ XDG_CONFIG_HOME: '/x' })).toBe('/x/holdfast');
    expect(stateFolder({ HOME: '/h' })).toBe('/h/.local/state/holdfast');
    expect(runtimeFolder({ HOME: '/h' })).toBe('/h/.local/state/holdfast/run');
    expect(runtimeFolder({ HOLDFAST_RUNTIME_DIR: '/r' })).toBe('/r');
  });
});

describe('resolveClientSettings()', () => {
  test('puts the caller over the environment over the defaults', () => {
    const environment = { HOLDFAST_CLIENT_SETTINGS: '{"retryStepMs":1,"deadAfterMs":2}' };
    expect(resolveClientSettings({ deadAfterMs: 3 }, environment)).toMatchObject({
      retryStepMs: 1,
      deadAfterMs: 3,
      pingIntervalMs: 10_000,
    });
  });

  test.each(['x', '[1]', '{"retryStepMs":"1"}', '{"typo":1}'])('refuses %s', (text) => {
    expect(() => resolveClientSettings({}, { HOLDFAST_CLIENT_SETTINGS: text })).toThrow('HOLDFAST_CLIENT_SETTINGS');
  });

  test('docs/settings.md has every setting with its standard value', () => {
    const page = readFileSync(new URL('../../../../docs/settings.md', import.meta.url), 'utf8');
    const [, section = ''] = page.split('## The client\n');
    const documented = [...section.matchAll(/^\| `(\w+)` \| (\d+) \|/gm)].map(([, name, value]) => [
      name,
      Number(value),
    ]);
    expect(documented).toEqual(Object.entries(CLIENT_SETTINGS));
  });
});
