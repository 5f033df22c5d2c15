import { expect, test } from 'vitest';
import { clientNetwork } from './client-network.ts';
import { ConnectionLimits } from './rate-limit.ts';

const LIMITS = { maxUnauthenticated: 100, maxUnauthenticatedPerAddress: 3, maxConnections: 100 };

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::6', '2001:db8:1:2::/64'],
  ['2001:0db8::', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['1::2:3:4:5:6:7', '1:0:2:3::/64'],
  ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
  ['1:2:3:4:5:6:192.0.2.7', '1:2:3:4::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64%eth0'],
])('clientNetwork(%s) is %s', (address, network) => {
  expect(clientNetwork(address)).toBe(network);
});

test('all addresses of one IPv6 network have the places of one client, those of another have their own', () => {
  const limits = new ConnectionLimits(LIMITS);
  const refusals = ['a', 'b', 'c', 'd'].map((last) => limits.enter(`2001:db8:1:2::${last}`).refusal);
  const refused = '3 connections from 2001:db8:1:2::/64 have not authenticated yet: try again later';
  expect(refusals).toEqual([undefined, undefined, undefined, refused]);
  expect(limits.enter('2001:db8:1:3::a').refusal).toBeUndefined();
  for (const last of ['e', 'f']) limits.enter(`2001:db8:1:2::${last}`);
  expect(limits.isFlooded('2001:db8:1:2:ffff::1')).toBe(true);
  expect(limits.isFlooded('2001:db8:1:3::a')).toBe(false);
});

test('a place is given back to the network that it was of', () => {
  const limits = new ConnectionLimits(LIMITS);
  const places = ['1', '2', '3'].map((last) => limits.enter(`2001:db8::${last}`));
  places[0]?.authenticated();
  places[1]?.release();
  expect(limits.waiting).toBe(1);
  expect(limits.enter('2001:db8::9').refusal).toBeUndefined();
});
