import { sessionFixture } from '@holdfast/protocol/testing';
import { expect, test } from 'vitest';
import { findSession } from './find-session.ts';

function session(end: string, owner: string, name = 'build') {
  return { info: sessionFixture({ instanceId: `00000000-0000-4000-8000-0000000000${end}`, owner, name }) };
}

const mine = session('01', 'ann');
const theirs = session('02', 'bob');

test("somebody else's session of the same name neither takes the place of one's own nor stands in its way", () => {
  for (const whose of ['own', 'any'] as const) {
    expect(findSession([theirs, mine], 'BUILD', { user: 'ann', whose })).toBe(mine);
  }
  expect(findSession([theirs], 'build', { user: 'ann', whose: 'own' })).toBeUndefined();
  expect(findSession([theirs], 'build', { user: 'ann', whose: 'any' })).toBe(theirs);
  expect(findSession([theirs], theirs.info.instanceId, { user: 'ann', whose: 'own' })).toBe(theirs);
});

test('of several that fit, none is taken', () => {
  expect(() => findSession([mine, session('03', 'ann')], 'build', { user: 'ann', whose: 'own' })).toThrow(
    /several sessions build: name one by its InstanceId: 0.*01, 0.*03/,
  );
});
