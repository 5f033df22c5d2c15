import { describe, expect, test } from 'vitest';
import { isAmong, isInNetworks } from './address-list.ts';

describe('isAmong()', () => {
  // What sshd's match_host_and_ip() gives with UseDNS no, PATTERNS of ssh_config(5).
  test.each([
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.70', false],
    ['192.0.2.*', '192.0.2.70', true],
    ['192.0.2.?', '192.0.2.70', false],
    ['192.0.2.0/24', '192.0.2.70', true],
    ['192.0.2.0/24', '192.0.3.70', false],
    ['192.0.2.64/28', '192.0.2.79', true],
    ['192.0.2.64/28', '192.0.2.80', false],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['192.0.2.7/32', '192.0.2.7', true],
    ['*', '2001:db8::1', true],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1', true],
    ['2001:db8::1', '2001:db8:0:0::1', true],
    ['::ffff:192.0.2.7', '::ffff:c000:207', true],
    ['fe80::/10', 'fe80::1%lo', true],
    ['::1', '::1', true],
    ['::/0', '::', true],
    ['2001:DB8:*', '2001:db8::1', true],
    ['10.0.0.0/8,192.0.2.0/24', '192.0.2.7', true],
    ['192.0.2.0/24,!192.0.2.7', '192.0.2.7', false],
    ['!192.0.2.7,192.0.2.0/24', '192.0.2.7', false],
    ['!192.0.2.0/24,*', '192.0.2.7', false],
    ['!192.0.2.0/24,*', '198.51.100.1', true],
    ['!192.0.2.7', '198.51.100.1', false],
    ['*.example.org', '192.0.2.7', false],
    ['localhost', '127.0.0.1', false],
    ['192.0.2.0/x', '192.0.2.0', false],
    ['*', '', true],
    ['192.0.2.0/24', 'unknown', false],
  ])('%s has %s: %s', (list, address, expected) => {
    expect(isAmong(list, address)).toBe(expected);
  });

  test.each(['', '192.0.2.7,', ',192.0.2.7', '!', '192.0.2.7/24', '192.0.2.0/33', '2001:db8::1/64', '::/129'])(
    'a list like %j is not guessed at',
    (list) => {
      expect(isAmong(list, '192.0.2.1')).toEqual({ problem: `The addresses ${JSON.stringify(list)} cannot be read` });
    },
  );
});

test('a list that is too long is not gone through', () => {
  expect(isAmong(`192.0.2.1,${'192.0.2.7,'.repeat(2_000)}*`, '192.0.2.1')).toMatchObject({
    problem: expect.any(String),
  });
});

describe('isInNetworks()', () => {
  test.each([
    ['192.0.2.0/24', '192.0.2.70', true],
    ['198.51.100.1,192.0.2.70', '192.0.2.70', true],
    ['198.51.100.1,2001:db8::/32', '2001:db8::9', true],
    ['198.51.100.1', '192.0.2.70', false],
  ])('%s has %s: %s', (list, address, expected) => {
    expect(isInNetworks(list, address)).toBe(expected);
  });

  test.each(['', '*', '!192.0.2.7', 'host', '192.0.2.7/24', '192.0.2.7,'])('%j is no list of networks', (list) => {
    expect(isInNetworks(list, '192.0.2.7')).toMatchObject({ problem: expect.stringContaining('cannot be read') });
  });
});
