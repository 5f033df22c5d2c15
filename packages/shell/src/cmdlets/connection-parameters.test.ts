import { userInfo } from 'node:os';
import { expect, test } from 'vitest';
import { HostsFile } from '../client/hosts.ts';
import { credential } from '../runtime/credential.ts';
import { Destinations } from '../client/destinations.ts';
import { targetOf } from './destination.ts';

const self = userInfo().username;
const server01 = {
  kind: 'agent',
  computerName: 'Server01',
  host: '127.0.0.1',
  port: 7433,
  path: '/',
  user: 'User01',
} as const;
const destinations = new Destinations(new HostsFile([server01]));

function withUser(name: string, user: string | undefined): string {
  return targetOf({ name, computerName: name, user }, destinations);
}

test.each([
  ['user', 'user'],
  ['user@host', 'user'],
  ['Domain01\\User01', 'User01'],
])('a credential %s is the user %s', (text, UserName) => expect(credential.convert(text)).toEqual({ UserName }));

test.each(['@host', 'Domain01\\'])('%s names nobody', (text) => {
  expect(() => credential.convert(text)).toThrow('It names no user');
});

test.each([
  ['srv1', undefined, 'srv1'],
  ['srv1:1', 'admin', 'admin@srv1:1'],
  ['srv1', self, 'srv1'],
  ['Server01', 'admin', 'admin@Server01'],
  ['wss://srv1/', 'admin', 'admin@wss://srv1/'],
  ['admin@srv1', 'admin', 'admin@srv1'],
  ['server01', 'Domain\\user01', 'server01'],
  ['localhost', self, 'localhost'],
])('withUser(%s, %s) is %s', (name, user, expected) => {
  expect(withUser(name, user === undefined ? undefined : credential.convert(user).UserName)).toBe(expected);
});

test('withUser() refuses what would be another user than was asked for', () => {
  for (const name of ['admin@Server01', 'wss://admin@srv1/']) {
    expect(() => withUser(name, 'other')).toThrow(
      `${name} names the user admin and -Credential names other: give one of them`,
    );
  }
  expect(() => withUser('.', 'other')).toThrow(`On . you are ${self}: use sudo to be other`);
});
