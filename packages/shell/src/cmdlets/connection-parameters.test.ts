import { userInfo } from 'node:os';
import { expect, test } from 'vitest';
import { HostsFile } from '../client/hosts.ts';
import { credential } from '../runtime/credential.ts';
import { withUser } from './connection-parameters.ts';

const self = userInfo().username;
const server01 = {
  kind: 'agent',
  computerName: 'Server01',
  host: '127.0.0.1',
  port: 7433,
  path: '/',
  user: 'User01',
} as const;
const hosts = new HostsFile([server01]);

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
  ['server01', 'Domain\\user01', 'server01'],
  ['localhost', self, 'localhost'],
])('withUser(%s, %s) is %s', (name, user, expected) => {
  expect(withUser(name, user === undefined ? undefined : credential.convert(user), hosts)).toBe(expected);
});

test('withUser() refuses what would be another user than was asked for', () => {
  expect(() => withUser('Server01', { UserName: 'other' }, hosts)).toThrow(
    'On Server01 you are User01: give other an entry of its own in config.toml',
  );
  expect(() => withUser('.', { UserName: 'other' }, hosts)).toThrow(`On . you are ${self}: use sudo`);
});
