import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ERRORS } from './errors.ts';
import { FrameKind, MAX_FRAME, decodeFrame } from './frame.ts';
import { EVENTS } from './events.ts';
import { REQUESTS } from './messages.ts';
import { RECORDED_TYPES } from './recorded-event.ts';
import { CloseCode } from './transport.ts';

const page = readFileSync(new URL('../../../docs/protocol.md', import.meta.url), 'utf8');

/** Rows of the tables under a heading, cell by cell. */
function rows(heading: string): string[][] {
  const section = page.split(/^#{2,3} /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('| '));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
}

const firstCells = (heading: string): string[] =>
  rows(heading)
    .slice(2)
    .map(([first]) => first ?? '');

describe('docs/protocol.md', () => {
  test('lists every frame kind with its number', () => {
    const documented = rows('Frames').filter(([kind]) => /^\d+$/.test(kind ?? ''));
    expect(Object.fromEntries(documented.map(([kind, name]) => [name, Number(kind)]))).toEqual(FrameKind);
  });

  test('lists every operation, and no other', () => {
    expect(firstCells('Operations').sort()).toEqual(Object.keys(REQUESTS).sort());
  });

  test('lists every event, and no other', () => {
    expect(firstCells('Events').sort()).toEqual(Object.keys(EVENTS).sort());
  });

  test('lists every type of the record, and no other', () => {
    const documented = firstCells('The record').flatMap((types) => types.split(', '));
    expect(documented.sort()).toEqual([...RECORDED_TYPES].sort());
  });

  test('lists every error id with its category, and no other', () => {
    const documented = rows('Errors').slice(2);
    expect(Object.fromEntries(documented.map(([id, category]) => [id, category]))).toEqual(ERRORS);
  });

  test('lists every close code', () => {
    expect(new Set(firstCells('Close codes').map(Number))).toEqual(new Set(Object.values(CloseCode)));
  });

  test('has examples that decode as they say', () => {
    const examples = rows('Frames').filter(([, bytes]) => /^[0-9a-f ]{10,}$/.test(bytes ?? ''));
    const frames = examples.map(([, bytes]) => decodeFrame(Buffer.from((bytes ?? '').replaceAll(' ', ''), 'hex')));
    expect(frames).toMatchObject([
      { kind: FrameKind.data, channel: 1, offset: 5, payload: Buffer.from('hi') },
      { kind: FrameKind.ack, channel: 1, received: 7, limit: 262_151 },
      { kind: FrameKind.control, channel: 0, payload: Buffer.from('{"type":"session.list","id":1}') },
      { kind: FrameKind.ping, time: 1000 },
    ]);
  });

  test('names the largest frame', () => {
    expect(page).toContain(MAX_FRAME.toLocaleString('en-US'));
  });
});
