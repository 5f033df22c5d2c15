import type { RecordedEvent, RequestOf } from '@holdfast/protocol';
import { expect, test } from 'vitest';
import { recordPages, type EventOptions } from './record-pages.ts';

const RECORD: RecordedEvent[] = Array.from({ length: 1234 }, (_, index) => ({
  number: 3 * index + 1,
  time: index,
  type: 'command.started',
}));

/** What an agent answers: no more than 100 rows at once, as where they are long. */
async function answer({ after, below = Infinity, limit }: RequestOf<'events.list'>) {
  const fits = RECORD.filter(({ number }) => number < below && number > (after ?? 0));
  const most = Math.min(limit, 100);
  const events = after === undefined ? fits.slice(-most) : fits.slice(0, most);
  return Promise.resolve({ events, more: fits.length > events.length });
}

async function numbers(options: EventOptions): Promise<number[]> {
  const found: number[] = [];
  for await (const { number } of recordPages(answer, options)) found.push(number);
  return found;
}

test('all of them come in order, or those behind a number', async () => {
  expect(await numbers({})).toEqual(RECORD.map(({ number }) => number));
  expect(await numbers({ after: 3000 })).toEqual(RECORD.slice(1000).map(({ number }) => number));
});

test('the newest come in order too, as many as are wanted and there', async () => {
  expect(await numbers({ newest: 7 })).toEqual(RECORD.slice(-7).map(({ number }) => number));
  expect(await numbers({ newest: 250 })).toEqual(RECORD.slice(-250).map(({ number }) => number));
  expect(await numbers({ newest: 5000 })).toEqual(RECORD.map(({ number }) => number));
  expect(await numbers({ newest: 250, after: 3500 })).toEqual(RECORD.slice(1167).map(({ number }) => number));
  expect(await numbers({ newest: 0 })).toEqual([]);
});
