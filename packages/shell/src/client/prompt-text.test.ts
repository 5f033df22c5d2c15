import { sessionFixture } from '@holdfast/protocol/testing';
import { expect, test } from 'vitest';
import { SESSION_PROMPT, promptText } from './prompt-text.ts';

test("the prompt of somebody else's session says whose it is", () => {
  const info = sessionFixture({
    instanceId: '6a1c3c6e-0000-4000-8000-000000000001',
    owner: 'ann',
    cwd: '/',
    home: '/home/ann',
  });
  expect(promptText(SESSION_PROMPT, 'srv1', info)).toBe('[srv1] /> ');
  expect(promptText(SESSION_PROMPT, 'srv1', { ...info, access: 'write' })).toBe('[ann@srv1] /> ');
  expect(promptText(SESSION_PROMPT, 'srv1', { ...info, cwd: '/a\u202eb\u001bc' })).toBe('[srv1] /a?b?c> ');
});
