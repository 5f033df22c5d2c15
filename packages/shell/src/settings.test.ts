import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HostsFile } from './client/hosts.ts';
import { loadSettings } from './settings.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hf-settings-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function load(toml?: string): ReturnType<typeof loadSettings> {
  if (toml !== undefined) writeFileSync(join(folder, 'config.toml'), toml);
  return loadSettings({ HOLDFAST_CONFIG_DIR: folder, HOLDFAST_STATE_DIR: '/state' });
}

test('without a file the defaults hold', () => {
  expect(load()).toEqual({
    sessionPrompt: '[{host}] {cwd}> ',
    localPrompt: '{cwd}> ',
    escapeKey: 0x1d,
    historyFile: '/state/history',
  });
});

test('prompt and key are read, beside the hosts', () => {
  const settings = load(String.raw`
escapeKey = "ctrl-a"
[prompt]
session = '{host}\PS> '
[hosts.srv1]
url = "wss://127.0.0.1"
`);
  expect(settings).toMatchObject({ sessionPrompt: String.raw`{host}\PS> `, localPrompt: '{cwd}> ', escapeKey: 1 });
});

test("a key that cannot be is the prompt's matter only: hosts are read beside it", () => {
  writeFileSync(join(folder, 'config.toml'), 'escapeKey = "nonsense"\n[hosts.srv1]\nurl = "wss://127.0.0.1"\n');
  expect(HostsFile.load(folder).names).toEqual(['srv1']);
  expect(() => load()).toThrow(`${join(folder, 'config.toml')}: escapeKey: a key like ctrl-] is expected`);
});

test.each([
  ['escapeKey = "ctrl-c"', 'escapeKey: a key like ctrl-] is expected'],
  ['escapeKey = "x"', 'escapeKey: a key like ctrl-] is expected'],
  ['prompt = 1', 'prompt: '],
  ['= 1', 'is not TOML: '],
  ['escpeKey = "ctrl-a"', 'escpeKey: there is no such key, only hosts, prompt, escapeKey'],
  ['prompt.sesion = ""', 'prompt.sesion: there is no such key, only session, local'],
])('%s is refused with the path', (toml, reason) => {
  expect(() => load(toml)).toThrow(`${join(folder, 'config.toml')}`);
  expect(() => load(toml)).toThrow(reason);
});
