import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { hostKind, listGenerations, newGeneration } from '../host/host-directory.ts';
import { SessionHosts } from './session-hosts.ts';

test('new sessions go to hosts of this configuration only, of this build or newer', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-hosts-'));
  const [mine, others] = ['/etc/a.toml', '/etc/b.toml'];
  const generations = [
    `1-${hostKind('0ldbuild', mine)}`,
    `2-${hostKind('thisbuild', mine)}`,
    `3-${hostKind('thisbuild', others)}`,
    `4-${hostKind('thisbuild', undefined)}`,
    `5-${hostKind('newbuild', mine)}`,
  ];
  for (const generation of generations) writeFileSync(path.join(folder, `${generation}.sock`), '');
  const currentOf = (configFile: string | undefined): string[] => {
    const kind = hostKind('thisbuild', configFile);
    const hosts = new SessionHosts({ runtimeDir: folder, kind, startHost: () => Promise.resolve('') });
    expect(hosts.names()).toHaveLength(generations.length);
    return hosts.current().map((name) => name.slice(0, 1));
  };
  expect([currentOf(mine), currentOf(others), currentOf(undefined)]).toEqual([['5', '2'], ['3'], ['4']]);
  rmSync(folder, { recursive: true });
});

test('a host that starts is the newest, also after the clock was set back', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-hosts-'));
  const tomorrow = `${(Date.now() + 86_400_000).toString(36)}-oldbuild`;
  writeFileSync(path.join(folder, `${tomorrow}.sock`), '');
  const generation = newGeneration('newbuild', folder);
  writeFileSync(path.join(folder, `${generation}.sock`), '');
  expect(listGenerations(folder)).toEqual([generation, tomorrow]);
  rmSync(folder, { recursive: true });
});

test('of a folder that is full of names the newest few count', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-hosts-'));
  for (let at = 0; at < 100; at++) writeFileSync(path.join(folder, `${at.toString(36)}-build.sock`), '');
  expect(listGenerations(folder)).toEqual(
    Array.from({ length: 64 }, (_, index) => `${(99 - index).toString(36)}-build`),
  );
  rmSync(folder, { recursive: true });
});
