import { describe, expect, test } from 'vitest';
import { KeyDecoder } from './key-decoder.ts';
import { LineEditor } from './line-editor.ts';

/** An editor and what typing these terminal bytes leads to, with the cursor as `|`. */
function editor(entries: readonly string[] = []) {
  const lineEditor = new LineEditor({ history: { entries } });
  const decoder = new KeyDecoder();
  const type = (bytes: string): string => {
    decoder.push(Buffer.from(bytes));
    let outcome = 'nothing';
    for (let key = decoder.next(); key !== undefined; key = decoder.next()) outcome = lineEditor.handle(key);
    const { text, cursor } = lineEditor.line;
    const shown = `${text.slice(0, cursor)}|${text.slice(cursor)}`;
    return outcome === 'edited' || outcome === 'ignored' ? shown : `${outcome} ${shown}`;
  };
  return { lineEditor, type };
}

describe('LineEditor', () => {
  test('edits with cursor keys', () => {
    const { type } = editor();
    expect(type('echo helo\x1b[D')).toBe('echo hel|o');
    expect(type('l')).toBe('echo hell|o');
    expect(type('\x01')).toBe('|echo hello');
    expect(type('\x1bf\x0b')).toBe('echo|');
    expect(type('\x19')).toBe('echo hello|');
    expect(type('\r')).toBe('accepted echo hello|');
  });

  test('joins kills that follow each other, and yanks older ones', () => {
    const { type } = editor();
    expect(type('one two three\x17\x17')).toBe('one |');
    expect(type('\x19')).toBe('one two three|');
    expect(type('\x15x\x15')).toBe('|');
    expect(type('\x19')).toBe('x|');
    expect(type('\x1by')).toBe('one two three|');
    expect(type('\x1by')).toBe('two three|');
  });

  test('undoes by words and restores what a kill took', () => {
    const { type } = editor();
    type('one');
    type(' two');
    expect(type('\x17')).toBe('one |');
    expect(type('\x1f')).toBe('one two|');
    expect(type('\x1f')).toBe('one|');
    expect(type('\x1f')).toBe('|');
    expect(type('\x1f')).toBe('|');
  });

  test('walks the history and comes back to the line being typed', () => {
    const { type } = editor(['first', 'second']);
    type('new');
    expect(type('\x1b[A')).toBe('second|');
    expect(type('\x10')).toBe('first|');
    expect(type('\x10')).toBe('first|');
    expect(type('\x0e')).toBe('second|');
    expect(type('!')).toBe('second!|');
    expect(type('\x1b[B')).toBe('new|');
    expect(type('\x1b[A')).toBe('second!|');
    expect(type('\x1b<')).toBe('first|');
    expect(type('\x1b>')).toBe('new|');
  });

  test('moves between rows before it moves through the history', () => {
    const { type } = editor(['old']);
    expect(type('\x1b[200~ab\ncd\x1b[201~')).toBe('ab\ncd|');
    expect(type('\x1b[A')).toBe('ab|\ncd');
    expect(type('\x1b[A')).toBe('old|');
    expect(type('\x1b[B')).toBe('ab\ncd|');
  });

  test('searches backwards and edits what it found', () => {
    const { lineEditor, type } = editor(['make world', 'ls -l', 'make test']);
    type('\x12mak');
    expect(lineEditor.search).toEqual({ query: 'mak', found: 'make test', failed: false });
    type('\x12');
    expect(lineEditor.search?.found).toBe('make world');
    type('x');
    expect(lineEditor.search?.failed).toBe(true);
    type('\x7f');
    expect(lineEditor.search).toEqual({ query: 'mak', found: 'make test', failed: false });
    expect(type('\x05')).toBe('make test|');
    expect(lineEditor.search).toBeUndefined();
    type('\x12ls');
    expect(type('\r')).toBe('accepted |ls -l');
  });

  test('leaves a search with Ctrl-G as it was', () => {
    const { type } = editor(['make']);
    type('abc\x12ma');
    expect(type('\x07')).toBe('abc|');
  });

  test('says what a key means beyond the line', () => {
    const { type } = editor();
    expect(type('\x04')).toBe('ended |');
    expect(type('ab\x01\x04')).toBe('|b');
    expect(type('\x03')).toBe('interrupted |b');
    expect(type('\x0c')).toBe('clear-screen |b');
    expect(type('\t')).toBe('complete |b');
  });

  test('inserts the last word of earlier lines', () => {
    const { type } = editor(['cp a /tmp/x', 'ls /etc']);
    type('cat ');
    expect(type('\x1b.')).toBe('cat /etc|');
    expect(type('\x1b.')).toBe('cat /tmp/x|');
  });

  test('begins with what was typed ahead', () => {
    const { lineEditor, type } = editor();
    lineEditor.start('typed');
    expect(type('!')).toBe('typed!|');
  });
});
