import { expect, test } from 'vitest';
import { TypedAhead } from './typed-ahead.ts';

test('TypedAhead hides as many commands as pieces came back, whatever became of them', () => {
  const typed = new TypedAhead();
  expect(typed.hides('ls')).toBe(false);
  typed.note('ls\rhunt');
  expect(typed.hides('ls')).toBe(true);
  expect(typed.hides('edited by hand')).toBe(true);
  expect(typed.hides('make')).toBe(false);
});

test('TypedAhead hides what came back also later, and within another text', () => {
  const typed = new TypedAhead();
  typed.note('hunter2\n');
  expect(typed.hides('a command of a program that came between')).toBe(true);
  expect(typed.hides('hunter2')).toBe(true);
  expect(typed.hides('echo hunter2 | sudo -S id')).toBe(true);
  expect(typed.hides('echo hunter')).toBe(false);
});
