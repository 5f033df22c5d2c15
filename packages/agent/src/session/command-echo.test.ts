import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commandEcho, commandEndMark } from './command-echo.ts';

test('the echo shows prompt and text between the marks of OSC 133', () => {
  const sign = process.getuid?.() === 0 ? '#' : '$';
  expect(commandEcho('/etc', 'ls -l').toString()).toBe(
    `\x1b]133;A\x07/etc ${sign} \x1b]133;B\x07ls -l\r\n\x1b]133;C\x07`,
  );
  expect(commandEcho(join(homedir(), 'src'), 'a\nb').toString()).toContain(`~/src ${sign} \x1b]133;B\x07a\r\nb\r\n`);
  expect(commandEcho('/etc', 'ls', '[srv1] /etc> ').toString()).toContain('A\x07[srv1] /etc> \x1b]133;B\x07ls\r\n');
  expect(commandEndMark(130).toString()).toBe('\x1b]133;D;130\x07');
});

test('the echo of a text cannot act on the screen', () => {
  expect(commandEcho('/', 'ls', '\x1b[2J> ').toString()).toContain('^[[2J> ');
  const echo = commandEcho('/tmp/\x1b[2J', 'printf "\x1b]0;title\x07\x9b1A\x7f\r\tü"').toString();
  expect(echo).toContain('/tmp/^[[2J');
  expect(echo).toContain('printf "^[]0;title^GÛ1A^?^M\tü"'.replace('Û', '^Û'));
});
