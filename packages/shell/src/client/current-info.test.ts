import { sessionFixture } from '@holdfast/protocol/testing';
import { expect, test } from 'vitest';
import { CurrentInfo } from './current-info.ts';

const [OWN, OTHER] = ['6a1c3c6e-0000-4000-8000-000000000001', '6a1c3c6e-0000-4000-8000-000000000002'];

test('CurrentInfo takes no answer about another session than the one that was asked for, or that came first', () => {
  const asked = new CurrentInfo();
  asked.expect(OWN);
  expect(() => asked.update(sessionFixture({ instanceId: OTHER }))).toThrow(/answered with session .*2, not with .*1/);
  expect(asked.value).toBeUndefined();
  const opened = new CurrentInfo();
  opened.update(sessionFixture({ instanceId: OWN }));
  expect(() => opened.update(sessionFixture({ instanceId: OTHER }))).toThrow(/not with/);
  opened.update(sessionFixture({ instanceId: OWN, name: 'named anew' }));
  expect(opened.value?.name).toBe('named anew');
});
