import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RecordedEvent } from '@holdfast/protocol';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Registry } from './registry.ts';
import { readGatewaySettings } from './settings.ts';
import { REFUSED } from '../record/event-table.ts';

const settings = { ...readGatewaySettings(), keepDays: 90, maxBytes: 2 ** 28 };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-registry-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function open(): Registry {
  return new Registry(folder, settings, (event, fields) => {
    throw new Error(`${event} ${JSON.stringify(fields)}`);
  });
}

const who = { user: 'ada', address: '127.0.0.1' };

describe('Registry', () => {
  test('gives ids from 1 on, the same again for the same openId, never an old one after a restart', () => {
    const first = open();
    expect(first.sessionId({ ...who, openId: 'a' })).toBe(1);
    expect(first.sessionId({ ...who, openId: 'b' })).toBe(2);
    expect(first.sessionId({ ...who, openId: 'a' })).toBe(1);
    expect(first.sessionId({ ...who, user: 'bob', openId: 'a' })).toBe(3);
    first.close();
    const second = open();
    expect(second.sessionId({ ...who, openId: 'c' })).toBe(4);
    second.close();
  });

  test('gives no id twice to gateways that are killed right after', async () => {
    const module = fileURLToPath(new URL('registry.ts', import.meta.url));
    const script = `
      import { writeSync } from 'node:fs';
      import { Registry } from ${JSON.stringify(module)};
      const registry = new Registry(${JSON.stringify(folder)}, ${JSON.stringify(settings)}, () => {});
      for (let i = 0; i < 3; i += 1) writeSync(1, registry.sessionId({ user: 'ada', address: '', openId: process.pid + ' ' + i }) + '\\n');
      process.kill(process.pid, 'SIGKILL');`;
    const file = path.join(folder, 'killed.mjs');
    writeFileSync(file, script);
    const ids: number[] = [];
    for (let run = 0; run < 4; run += 1) ids.push(...(await numbersOf(file)));
    expect(ids).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  });

  test('keeps events with who, when and what', () => {
    const registry = open();
    registry.record({ type: 'client.refused', user: 'eve', key: 'SHA256:x', address: '10.0.0.1', detail: 'wrong key' });
    registry.record({ type: 'session.opened', user: 'ada', sessionId: 1, instanceId: 'i' });
    registry.close();
    const again = open();
    expect(again.events({ limit: 10 }).events).toMatchObject([
      { number: 1, type: 'client.refused', user: 'eve', key: 'SHA256:x', address: '10.0.0.1', detail: 'wrong key' },
      { number: 2, type: 'session.opened', user: 'ada', sessionId: 1, instanceId: 'i' },
    ]);
    again.close();
  });

  test('keeps no more than the newest refusals, and everything else', () => {
    const registry = open();
    registry.record({ type: 'session.opened', user: 'ada' });
    for (let count = 0; count < 12_500; count += 1) {
      registry.record({ type: REFUSED, detail: String(count) });
      if (count % 500 === 0) registry.flush();
    }
    const kept: RecordedEvent[] = [];
    let page;
    do {
      page = registry.events({ limit: 100_000, after: kept.at(-1)?.number ?? 0 });
      kept.push(...page.events);
    } while (page.more);
    expect(kept.length).toBeLessThanOrEqual(11_001);
    expect(kept.at(-1)).toMatchObject({ detail: '12499' });
    expect(kept.at(0)).toMatchObject({ type: 'session.opened' });
    registry.close();
  });

  test('its files are for their owner alone', () => {
    const registry = open();
    registry.record({ type: 'session.opened' });
    registry.flush();
    for (const name of readdirSync(folder)) expect(statSync(path.join(folder, name)).mode & 0o077).toBe(0);
    registry.close();
  });

  test('two gateways on one state folder share the ids', () => {
    const one = open();
    const two = open();
    const ids = [1, 2, 3].flatMap((n) => [
      one.sessionId({ ...who, openId: `one ${n}` }),
      two.sessionId({ ...who, openId: `two ${n}` }),
    ]);
    expect(ids).toEqual([1, 2, 3, 4, 5, 6]);
    one.close();
    two.close();
  });
});

function numbersOf(file: string): Promise<number[]> {
  return new Promise((resolve) => {
    // It ends by a signal, which execFile calls an error.
    execFile(process.execPath, [file], (_, stdout) => resolve(stdout.trim().split('\n').map(Number)));
  });
}
