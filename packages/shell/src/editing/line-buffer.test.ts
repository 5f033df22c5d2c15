import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyEdit } from './edit-commands.ts';
import { EMACS_KEYMAP } from './keymap.ts';
import { type LineBuffer, insert, moveRow, nextBoundary, previousBoundary, wordEnd, wordStart } from './line-buffer.ts';

/** Writes the cursor as `|`. */
function show({ text, cursor }: LineBuffer): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

function read(shown: string): LineBuffer {
  const cursor = shown.indexOf('|');
  return { text: shown.slice(0, cursor) + shown.slice(cursor + 1), cursor };
}

test.each([
  ['backward-char', 'ab|', 'a|b'],
  ['backward-char', 'e👩‍👩‍👧|x', 'e|👩‍👩‍👧x'],
  ['forward-char', 'e|🇩🇪x', 'e🇩🇪|x'],
  ['backward-delete-char', 'aé|', 'a|'],
  ['backward-delete-char', '|a', '|a'],
  ['delete-char', 'a|語b', 'a|b'],
  ['backward-word', 'cat /etc/hosts|', 'cat /etc/|hosts'],
  ['forward-word', 'cat| /etc/hosts', 'cat /etc|/hosts'],
  ['unix-word-rubout', 'cat /etc/hosts |', 'cat |'],
  ['backward-kill-word', 'cat /etc/hosts|', 'cat /etc/|'],
  ['kill-word', '|cat /etc', '| /etc'],
  ['kill-line', 'a|b\nc', 'a|\nc'],
  ['kill-line', 'a|\nc', 'a|c'],
  ['unix-line-discard', 'a\nbc|d', 'a\n|d'],
  ['beginning-of-line', 'a\nbc|', 'a\n|bc'],
  ['end-of-line', '|a\nbc', 'a|\nbc'],
  ['transpose-chars', 'ab|', 'ba|'],
  ['transpose-chars', 'a|bc', 'ba|c'],
  ['transpose-chars', '|ab', '|ab'],
  ['upcase-word', '|grün x', 'GRÜN| x'],
  ['capitalize-word', '| foo BAR', ' Foo| BAR'],
] as const)('%s makes %j into %j', (command, before, after) => {
  expect(show(applyEdit(command, read(before))?.line ?? read('|'))).toBe(after);
});

test('moveRow() keeps the column and says when there is no such row', () => {
  expect(show(moveRow(read('abc\nd\nefg|'), -1) ?? read('|'))).toBe('abc\nd|\nefg');
  expect(show(moveRow(read('a|bc\nd\nefg'), 1) ?? read('|'))).toBe('abc\nd|\nefg');
  expect(moveRow(read('ab|c'), -1)).toBeUndefined();
  expect(moveRow(read('ab|c'), 1)).toBeUndefined();
});

test('previousBoundary() finds where the grapheme begins, near the end of a long text too', () => {
  const long = `${'👍🏽'.repeat(5000)}e\u0301`;
  expect(previousBoundary(long, long.length)).toBe(long.length - 2);
  expect(nextBoundary(long, 0)).toBe(4);
});

test('every command keeps the cursor inside the text, and words lie around it', () => {
  const texts = fc.string({
    unit: fc.constantFrom('a', 'Z', ' ', '-', '\n', 'é', '語', '👩‍👩‍👧', 'e\u0301'),
    maxLength: 20,
  });
  const commands = fc.constantFrom(...new Set(Object.values(EMACS_KEYMAP)));
  fc.assert(
    fc.property(texts, fc.nat(40), fc.array(commands, { maxLength: 10 }), (text, at, steps) => {
      let line = insert({ text: '', cursor: 0 }, text);
      line = { text: line.text, cursor: previousBoundary(text, Math.min(at, text.length)) };
      for (const step of steps) {
        line = applyEdit(step, line)?.line ?? line;
        expect(line.cursor).toBeGreaterThanOrEqual(0);
        expect(line.cursor).toBeLessThanOrEqual(line.text.length);
        expect(wordStart(line.text, line.cursor)).toBeLessThanOrEqual(line.cursor);
        expect(wordEnd(line.text, line.cursor)).toBeGreaterThanOrEqual(line.cursor);
      }
    }),
    { numRuns: 500 },
  );
});
