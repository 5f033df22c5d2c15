import { expect, test } from 'vitest';
import { InkRenderer } from './ink-renderer.tsx';
import { layoutPrompt } from './prompt-layout.ts';

// oxlint-disable-next-line no-control-regex
const plain = (rows: string[]): string[] => rows.map((row) => row.replace(/\x1b\[[\d;]*m/g, ''));

function prompt(text: string, columns: number) {
  return {
    body: { kind: 'prompt' as const, layout: layoutPrompt({ prompt: '~> ', text, cursor: text.length }, columns, 20) },
  };
}

test('InkRenderer gives the rows of each frame at once', () => {
  using renderer = new InkRenderer(20);
  expect(plain(renderer.render(prompt('ls', 20), 20))).toEqual(['~> ls']);
  expect(plain(renderer.render(prompt('ls -l', 20), 20))).toEqual(['~> ls -l']);
  expect(plain(renderer.render({ ...prompt('x'.repeat(20), 20), status: 'link lost' }, 20))).toEqual([
    `~> ${'x'.repeat(17)}`,
    'xxx',
    'link lost',
  ]);
  const menu = {
    kind: 'menu' as const,
    menu: {
      choices: [
        { key: 'l', label: 'leave' },
        { key: 'c', label: 'cancel' },
      ],
    },
  };
  expect(plain(renderer.render({ body: menu }, 40))).toEqual(['[l] leave  [c] cancel']);
  const question = { kind: 'question' as const, question: { caption: 'Confirm', text: 'Sure?', prompt: '[Y] Yes: ' } };
  expect(plain(renderer.render({ body: question }, 40))).toEqual(['Confirm', 'Sure?', '[Y] Yes:']);
});

test('InkRenderer leaves colours out where none are wanted', () => {
  using renderer = new InkRenderer(20, false);
  expect(renderer.render({ ...prompt('ls', 20), status: 'link lost' }, 20)).toEqual(['~> ls', 'link lost']);
});
