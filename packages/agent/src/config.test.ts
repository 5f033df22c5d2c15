import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findConfiguration, followConfig, readConfig } from './config.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hf-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(text: string): string {
  const file = join(folder, 'agent.toml');
  writeFileSync(file, text);
  return file;
}

describe('readConfig()', () => {
  test('without a file there is the built-in configuration', () => {
    const config = readConfig(undefined);
    expect(findConfiguration(config, undefined)).toMatchObject({ name: 'default', maxIdleTimeoutMs: 43_200_000 });
  });

  test('is followed when the file changes, and stays as it was while the file has a mistake', () => {
    const log: string[] = [];
    const file = write('[configurations.first]');
    const config = followConfig(file, (line) => log.push(line));
    const names = (): string[] => [...config().configurations.keys()];
    expect(names()).toEqual(['default', 'first']);
    write('[configurations.second_one]');
    expect(names()).toEqual(['default', 'second_one']);
    write('[configurations');
    expect(names()).toEqual(['default', 'second_one']);
    rmSync(file);
    expect(names()).toEqual(['default', 'second_one']);
    expect(log).toHaveLength(2);
  });

  test('refuses a table that nobody reads: what a misspelled one denies would be permitted', () => {
    expect(() => readConfig(write('[acess]\ndenyUsers = ["bob"]'))).toThrow(
      /agent\.toml cannot be used: acess: There is no such table or setting, only .*access, gateway/,
    );
    for (const known of ['access', 'gateway', 'host', 'hosts', 'log', 'metrics', 'record'])
      readConfig(write(`[${known}]`));
  });

  test('reads configurations; what one leaves out is standard, and its maximum bounds its idle timeout', () => {
    const file = write(`
      defaultConfiguration = "ITTasks"
      [gateway]
      maxConnections = 5
      [configurations.ITTasks]
      program = "/usr/bin/psql"
      args = ["-q"]
      maxIdleTimeoutMs = 86400000
      outputBufferingMode = "Drop"
      [configurations.short]
      maxIdleTimeoutMs = 60000
      [configurations.short.recording]
      onFullDisk = "stopSession"
    `);
    const config = readConfig(file);
    const recording = { enabled: true, onFullDisk: 'stopSession', maxBytes: 256 * 1024 * 1024 };
    expect(findConfiguration(config, 'short').recording).toEqual(recording);
    expect(findConfiguration(config, undefined)).toEqual({
      name: 'ITTasks',
      program: '/usr/bin/psql',
      args: ['-q'],
      idleTimeoutMs: 43_200_000,
      maxIdleTimeoutMs: 86_400_000,
      outputBufferBytes: 64 * 1024 * 1024,
      outputBufferingMode: 'Drop',
    });
    expect(findConfiguration(config, 'short')).toMatchObject({ idleTimeoutMs: 60_000, maxIdleTimeoutMs: 60_000 });
    expect(findConfiguration(config, 'default')).toMatchObject({ name: 'default' });
    expect(() => findConfiguration(config, 'none')).toThrow(
      "There is no configuration 'none' here: there are default, ITTasks, short",
    );
  });

  test.each([
    ['[configurations.a]\nidletimeout = 5', /agent\.toml cannot be used: configurations\.a\.idletimeout: .*$/],
    ['[configurations.a]\nmaxShells = 0', /cannot be used: configurations\.a\.maxShells: .*$/],
    ['[configurations.a]\nmaxIdleTimeoutMs = "long"', /cannot be used: configurations\.a\.maxIdleTimeoutMs: .*$/],
    ['[configurations', /cannot be used: Invalid TOML.*$/],
    ['defaultConfiguration = "a"', /cannot be used: defaultConfiguration names 'a', which is not described$/],
    [
      '[configurations.a]\nargs = "two\\nlines \\u001B[2J"',
      /configurations\.a\.args: .* received "two\?lines \?\[2J"$/,
    ],
    [`[configurations.a]\nargs = "${'x'.repeat(1000)}"`, /configurations\.a\.args: .{400,600} …$/],
  ])('refuses %j with one line', (text, message) => {
    expect(() => readConfig(write(text))).toThrow(message);
  });

  test('refuses a file that is not there', () => {
    expect(() => readConfig(join(folder, 'none.toml'))).toThrow(/none\.toml cannot be used: ENOENT/);
  });
});
