import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { OutputLog } from './output-log.ts';

const root = mkdtempSync(join(tmpdir(), 'holdfast-log-'));
afterAll(() => rmSync(root, { recursive: true }));

const KiB = 1024;
const MiB = 1024 * KiB;

function createLog(memoryBytes: number, limitBytes: number, diskRetryMs = 1000): { log: OutputLog; folder: string } {
  const folder = mkdtempSync(join(root, 'session-'));
  return { log: new OutputLog({ folder, memoryBytes, limitBytes, diskRetryMs }), folder };
}

/** The byte at an offset, so that a misplaced one is seen. */
function pattern(from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 1) bytes[at] = ((from + at) * 2_654_435_761) >>> 24;
  return bytes;
}

function readAll(log: OutputLog, from = log.start): Buffer {
  const pieces: Uint8Array[] = [];
  let at = from;
  for (;;) {
    const piece = log.readFrom(at, 32 * KiB);
    if (piece === undefined) return Buffer.concat(pieces);
    pieces.push(piece);
    at += piece.length;
  }
}

describe('OutputLog', () => {
  test('gives back what was appended, from memory and from disk', () => {
    const { log, folder } = createLog(128 * KiB, 64 * MiB);
    const data = pattern(0, 9 * MiB);
    for (let at = 0; at < data.length; at += 50_000) log.append(data.subarray(at, at + 50_000));
    expect([log.start, log.end]).toEqual([0, data.length]);
    expect(readdirSync(folder)).toHaveLength(3);
    expect(readAll(log).equals(data)).toBe(true);
    expect(readAll(log, 5_000_001).equals(data.subarray(5_000_001))).toBe(true);
    expect(log.readFrom(data.length, 10)).toBeUndefined();
    log.dispose();
  });

  test('keeps only what is not delivered when it is closed', () => {
    const { log, folder } = createLog(64 * KiB, 64 * MiB);
    const data = pattern(0, 9 * MiB + 1000);
    log.append(data);
    log.deliver(5 * MiB);
    expect(log.start).toBe(0);
    log.close();
    expect(log.start).toBe(5 * MiB);
    expect(readAll(log).equals(data.subarray(5 * MiB))).toBe(true);
    expect(readdirSync(folder)).toHaveLength(2);
    log.deliver(data.length - 10);
    expect(readAll(log).equals(data.subarray(-10))).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
    log.deliver(data.length);
    expect([log.start, log.end]).toEqual([data.length, data.length]);
    expect(log.readFrom(0, 10)).toBeUndefined();
    log.dispose();
  });

  test('keeps its segment files to itself and removes them', () => {
    const { log, folder } = createLog(64 * KiB, 64 * MiB);
    log.append(pattern(0, MiB));
    const [name = ''] = readdirSync(folder);
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    log.dispose();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('never changes what readFrom() has returned', () => {
    const { log } = createLog(64 * KiB, MiB);
    log.append(Buffer.from('first'));
    const early = log.readFrom(0, 100);
    log.append(pattern(5, 3 * MiB));
    log.deliver(log.end);
    expect(Buffer.from(early ?? []).toString()).toBe('first');
    log.dispose();
  });

  test('keeps delivered output until it exceeds the limit, then lets the oldest go', () => {
    const { log, folder } = createLog(64 * KiB, 8 * MiB);
    log.append(pattern(0, 6 * MiB));
    log.deliver(6 * MiB);
    expect([log.start, log.full]).toEqual([0, false]);
    log.append(pattern(6 * MiB, 6 * MiB));
    expect([log.start, log.delivered, log.full]).toEqual([4 * MiB, 6 * MiB, false]);
    const kept = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(kept).toBeLessThanOrEqual(12 * MiB);
    expect(readAll(log).equals(pattern(4 * MiB, 8 * MiB))).toBe(true);
    log.dispose();
  });

  test('is full when undelivered output reaches the limit, and loses none of it', () => {
    const { log } = createLog(64 * KiB, MiB);
    log.append(pattern(0, MiB - 1));
    expect(log.full).toBe(false);
    log.append(pattern(MiB - 1, 100_000));
    expect([log.full, log.start]).toEqual([true, 0]);
    log.deliver(200_000);
    expect([log.full, log.start]).toEqual([false, log.end - MiB]);
    log.dispose();
  });

  test('drops the oldest on demand and says which', () => {
    const { log } = createLog(64 * KiB, MiB);
    log.append(pattern(0, MiB));
    expect(log.dropOldest(300_000)).toEqual({ from: 0, to: 300_000 });
    expect([log.start, log.delivered, log.full]).toEqual([300_000, 300_000, false]);
    expect(log.readFrom(299_999, 1)).toBeUndefined();
    expect(log.dropOldest(10 * MiB)).toEqual({ from: 300_000, to: MiB });
    log.append(Buffer.from('on'));
    expect(readAll(log).toString()).toBe('on');
    log.dispose();
  });

  test('goes on in memory when the disk fails, and on the disk when it is back', async () => {
    const { log, folder } = createLog(128 * KiB, 64 * MiB, 20);
    rmSync(folder, { recursive: true });
    log.append(pattern(0, MiB));
    expect(log.diskError).toMatchObject({ code: 'ENOENT' });
    expect([log.full, log.start]).toEqual([true, 0]);
    expect(readAll(log).equals(pattern(0, MiB))).toBe(true);
    log.deliver(MiB);
    expect([log.full, log.start]).toEqual([false, MiB - 128 * KiB]);
    mkdirSync(folder);
    await expect
      .poll(() => {
        log.append(pattern(log.end, 1000));
        return log.diskError;
      })
      .toBeUndefined();
    expect(log.full).toBe(false);
    expect(readAll(log).equals(pattern(log.start, log.end - log.start))).toBe(true);
    log.dispose();
  });

  test('equals its model under any order of calls', () => {
    const operation = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ type: fc.constant('append' as const), n: fc.integer({ min: 1, max: 200_000 }) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ type: fc.constant('deliver' as const), n: fc.integer({ min: 0, max: 400_000 }) }),
      },
      {
        weight: 1,
        arbitrary: fc.record({ type: fc.constant('drop' as const), n: fc.integer({ min: 0, max: 300_000 }) }),
      },
      { weight: 3, arbitrary: fc.record({ type: fc.constant('read' as const), n: fc.nat() }) },
    );
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), fc.constantFrom(300_000, 1_000_000), (operations, limit) => {
        const { log, folder } = createLog(100_000, limit);
        const model = { start: 0, end: 0, delivered: 0 };
        for (const { type, n } of operations) {
          if (type === 'append') log.append(pattern((model.end += n) - n, n));
          if (type === 'deliver') log.deliver((model.delivered = Math.min(model.end, model.delivered + n)));
          if (type === 'drop') {
            const to = Math.min(model.end, model.start + n);
            expect(log.dropOldest(n)).toEqual({ from: model.start, to });
            model.start = to;
            model.delivered = Math.max(model.delivered, to);
          }
          model.start = Math.max(model.start, Math.min(model.delivered, model.end - limit));
          expect({ start: log.start, end: log.end, delivered: log.delivered }).toEqual(model);
          expect(log.full).toBe(model.end - model.delivered >= limit);
          if (type === 'read') {
            const at = model.start + (n % (model.end - model.start + 1));
            const piece = log.readFrom(at, 40_000);
            expect(piece === undefined).toBe(at >= model.end);
            if (piece !== undefined) expect(pattern(at, piece.length).equals(piece)).toBe(true);
          }
        }
        expect(readAll(log).equals(pattern(model.start, model.end - model.start))).toBe(true);
        log.dispose();
        expect(readdirSync(folder)).toEqual([]);
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 60 },
    );
  });
});
