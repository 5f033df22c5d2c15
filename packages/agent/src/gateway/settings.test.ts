import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HostSettings, parseHostSettings } from '../session/host-settings.ts';
import { GatewaySettings, readGatewaySettings } from './settings.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-settings-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function configFile(text: string): string {
  const file = path.join(folder, 'agent.toml');
  writeFileSync(file, text);
  return file;
}

describe('readGatewaySettings()', () => {
  test('has standard values, under the file, under the environment', () => {
    expect(readGatewaySettings()).toMatchObject({ maxConnections: 4096, handshakeTimeoutMs: 10_000 });
    const file = configFile('[gateway]\nmaxConnections = 5\nretryAfterMs = 7\n');
    expect(readGatewaySettings(file)).toMatchObject({ maxConnections: 5, retryAfterMs: 7, deadAfterMs: 30_000 });
    expect(readGatewaySettings(file, '{"retryAfterMs":9}')).toMatchObject({ maxConnections: 5, retryAfterMs: 9 });
  });

  test('a file without the table changes nothing', () => {
    expect(readGatewaySettings(configFile('defaultConfiguration = "default"\n'))).toEqual(readGatewaySettings());
  });

  test.each([
    ['[gateway]\nmaxConections = 5\n', '{}', 'maxConections'],
    ['[gateway]\nmaxConnections = "many"\n', '{}', 'maxConnections'],
    ['', '{"deadAfterMs":-1}', 'HOLDFAST_GATEWAY_SETTINGS: deadAfterMs'],
    ['', '{"ticketLifetimeMs":86400001}', 'HOLDFAST_GATEWAY_SETTINGS: ticketLifetimeMs'],
    ['', 'no', 'HOLDFAST_GATEWAY_SETTINGS is not JSON'],
  ])('refuses %j with %j', (text, environment, complaint) => {
    expect(() => readGatewaySettings(configFile(text), environment)).toThrow(complaint);
  });
});

test.each([
  ['The gateway', GatewaySettings, readGatewaySettings()],
  ['The session host', HostSettings, parseHostSettings(undefined)],
])('docs/settings.md has every setting with its standard value: %s', (heading, { entries }, standard) => {
  const page = readFileSync(new URL('../../../../docs/settings.md', import.meta.url), 'utf8');
  const section = page.split('## ').find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const documented = [...section.matchAll(/^\| `(\w+)` \| (\S*) \|/gm)].map(([, name, value]) => [name, value]);
  // What is no number has an empty cell.
  const numbers = new Map(Object.entries(standard).filter(([, value]) => typeof value === 'number'));
  expect(documented).toEqual(Object.keys(entries).map((name) => [name, numbers.get(name)?.toString() ?? '']));
});
