import { describe, expect, test } from 'vitest';
import { listenUrl, parseListenAddress } from './listen-address.ts';

describe('parseListenAddress()', () => {
  test.each([
    ['127.0.0.1:7433', '127.0.0.1', 7433],
    ['0.0.0.0:0', '0.0.0.0', 0],
    ['[::1]:8443', '::1', 8443],
    ['[::]', '::', 7433],
    ['srv1.example', 'srv1.example', 7433],
    [':9000', '127.0.0.1', 9000],
    ['', '127.0.0.1', 7433],
  ])('reads %s', (text, host, port) => {
    expect(parseListenAddress(text)).toEqual({ host, port });
  });

  test.each(['127.0.0.1:70000', '::1:80', 'a:b', '[::1', '127.0.0.1:', '7603'])('refuses %s in one line', (text) => {
    expect(() => parseListenAddress(text)).toThrow(`${text} is no address to listen on`);
  });

  test.each(['a\nb', 'a b:80', '[::1\n]', '\u001b[2J'])('takes nothing for a name that can be none: %j', (text) => {
    expect(() => parseListenAddress(text)).toThrow(/^[\P{Cc}]+ is no address to listen on/u);
  });
});

test('listenUrl() puts IPv6 addresses in brackets', () => {
  expect(listenUrl({ host: '::1', port: 1 })).toBe('wss://[::1]:1');
  expect(listenUrl({ host: '127.0.0.1', port: 7433 })).toBe('wss://127.0.0.1:7433');
});
