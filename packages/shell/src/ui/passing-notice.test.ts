import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PassingNotice } from './passing-notice.ts';

const shown: (string | undefined)[] = [];
let notice: PassingNotice;

beforeEach(() => {
  vi.useFakeTimers();
  shown.length = 0;
  notice = new PassingNotice(5000, (text) => shown.push(text));
});
afterEach(() => void vi.useRealTimers());

test('what is said goes by itself after its time', () => {
  notice.say('Alert');
  vi.advanceTimersByTime(4900);
  expect(shown).toEqual(['Alert']);
  vi.advanceTimersByTime(200);
  expect(shown).toEqual(['Alert', undefined]);
});

test('a key takes it away, but for one that comes before anybody has read it', () => {
  notice.say('Alert');
  notice.seen();
  expect(notice.text).toBe('Alert');
  vi.advanceTimersByTime(600);
  notice.seen();
  expect(notice.text).toBeUndefined();
  notice.set('the link is lost');
  notice.seen();
  expect(notice.text).toBe('the link is lost');
});
