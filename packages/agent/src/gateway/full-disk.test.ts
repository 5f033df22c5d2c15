import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SmallDisk } from '../../../../test/support/small-disk.ts';
import type { LogFields } from '../log/log.ts';
import { Registry } from './registry.ts';
import { readGatewaySettings } from './settings.ts';
import { REFUSED } from '../record/event-table.ts';

const settings = {
  ...readGatewaySettings(),
  keepDays: 90,
  maxBytes: 2 ** 28,
  maxWaitingEvents: 10,
  registryRetryMs: 20,
};
const opening = { user: 'ada', address: '127.0.0.1' };
let folder: string;
let log: { event: string; fields: LogFields | undefined }[];

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-full-'));
  log = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(): Registry {
  return new Registry(folder, settings, (event, fields) => log.push({ event, fields }));
}

/** Waits until the registry logs `event`. */
async function logged(event: string): Promise<void> {
  await expect.poll(() => log.map((line) => line.event), { timeout: 20_000 }).toContain(event);
}

describe('Registry on a full disk', () => {
  test('events wait up to a bound, those above it are counted, and all that waited is written in order', async () => {
    using disk = new SmallDisk(folder, 256 * 1024);
    const registry = open();
    expect(registry.sessionId({ ...opening, openId: 'before' })).toBe(1);
    disk.fill();
    for (let count = 0; count < 20; count += 1) registry.record({ type: REFUSED, detail: String(count) });
    for (let count = 0; count < 10; count += 1) registry.record({ type: 'session.opened', detail: String(count) });
    await logged('registry.failed');
    registry.flush();
    expect(log).toEqual([{ event: 'registry.failed', fields: { message: 'database or disk is full' } }]);

    disk.empty();
    await logged('registry.recovered');
    expect(log.at(-1)).toMatchObject({ event: 'registry.recovered', fields: { written: 11, lost: 20 } });
    const kept = registry.events({ limit: 100 }).events;
    expect(kept.map(({ detail }) => detail).slice(0, 10)).toEqual(['0', '1', '2', '3', '4', '0', '1', '2', '3', '4']);
    expect(kept.slice(10)).toMatchObject([
      { type: 'events.lost', detail: expect.stringMatching(/^20 events since 20/) },
    ]);
    registry.close();
  });

  test('an id that cannot be written is refused with the reason, one that was given is still known', () => {
    using disk = new SmallDisk(folder, 256 * 1024);
    const registry = open();
    expect(registry.sessionId({ ...opening, openId: 'a' })).toBe(1);
    disk.fill();
    expect(() => registry.sessionId({ ...opening, openId: 'b' })).toThrow(
      `its id cannot be recorded in ${folder}: the disk is full (make room there)`,
    );
    expect(registry.sessionId({ ...opening, openId: 'a' })).toBe(1);
    disk.empty();
    expect(registry.sessionId({ ...opening, openId: 'b' })).toBe(2);
    registry.close();
  });

  test('a gateway that is started there comes up, and its registry as soon as there is room', async () => {
    using disk = new SmallDisk(folder, 256 * 1024);
    const former = open();
    former.sessionId({ ...opening, openId: 'a' });
    former.close();
    disk.fill();
    const registry = open();
    registry.record({ type: 'client.connected' });
    expect(() => registry.sessionId({ ...opening, openId: 'b' })).toThrow('the disk');
    await logged('registry.failed');
    disk.empty();
    await logged('registry.recovered');
    expect(registry.sessionId({ ...opening, openId: 'b' })).toBe(2);
    expect(registry.events({ limit: 10 }).events).toMatchObject([{ type: 'client.connected' }]);
    registry.close();
  });
});
