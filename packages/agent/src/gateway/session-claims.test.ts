import { expect, test } from 'vitest';
import { settleClaims } from './session-claims.ts';

const session = (instanceId: string, owner: string): { instanceId: string; owner: string } => ({ instanceId, owner });
const mine = { host: '1/a.sock', owner: 'bob', sessions: [session('B', 'bob')] };
const granted = { host: '2/a.sock', owner: 'ann', sessions: [session('A', 'ann')] };

test('own and granted sessions are shown, each at its host', () => {
  expect(settleClaims([mine, granted], { caller: 'bob', isComplete: true })).toEqual({
    sessions: [session('B', 'bob'), session('A', 'ann')],
    places: [
      ['B', '1/a.sock'],
      ['A', '2/a.sock'],
    ],
  });
});

test('nobody claims a session of the caller, nor speaks for somebody else', () => {
  const liar = { ...granted, sessions: [session('B', 'ann'), session('C', 'bob'), session('D', 'carol')] };
  const settled = settleClaims([liar, mine], { caller: 'bob', isComplete: true });
  expect(settled).toEqual({ sessions: [session('B', 'bob')], places: [['B', '1/a.sock']] });
});

test('a session that two users claim is no session', () => {
  const second = { host: '3/a.sock', owner: 'carol', sessions: [session('A', 'carol')] };
  expect(settleClaims([granted, second], { caller: 'bob', isComplete: true })).toEqual({ sessions: [], places: [] });
});

test('while a host of the caller is silent, a session of somebody else leads nowhere: it may be an own one', () => {
  const settled = settleClaims([granted], { caller: 'bob', isComplete: false });
  expect(settled).toEqual({ sessions: [session('A', 'ann')], places: [] });
});
