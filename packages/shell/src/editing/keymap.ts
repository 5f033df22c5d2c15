/** What the line editor can be told to do; readline's names where it has one. */
export type EditCommand =
  | 'accept-line'
  | 'abort'
  | 'backward-char'
  | 'backward-delete-char'
  | 'backward-kill-word'
  | 'backward-word'
  | 'beginning-of-line'
  | 'capitalize-word'
  | 'clear-screen'
  | 'complete'
  | 'delete-char'
  | 'delete-char-or-end'
  | 'downcase-word'
  | 'end-of-line'
  | 'forward-char'
  | 'forward-word'
  | 'insert-newline'
  | 'insert-space'
  | 'interrupt'
  | 'kill-line'
  | 'kill-word'
  | 'beginning-of-history'
  | 'end-of-history'
  | 'next-history'
  | 'next-row-or-history'
  | 'previous-history'
  | 'previous-row-or-history'
  | 'reverse-search'
  | 'transpose-chars'
  | 'undo'
  | 'unix-line-discard'
  | 'unix-word-rubout'
  | 'upcase-word'
  | 'yank'
  | 'yank-last-argument'
  | 'yank-pop';

/** Which command a key's name stands for. */
export type Keymap = Readonly<Record<string, EditCommand>>;

/** The keys of bash's emacs mode. */
export const EMACS_KEYMAP: Keymap = {
  enter: 'accept-line',
  'M-enter': 'insert-newline',
  tab: 'complete',
  space: 'insert-space',
  'S-space': 'insert-space',
  'C-a': 'beginning-of-line',
  'C-b': 'backward-char',
  'C-c': 'interrupt',
  'C-d': 'delete-char-or-end',
  'C-e': 'end-of-line',
  'C-f': 'forward-char',
  'C-g': 'abort',
  'C-h': 'backward-delete-char',
  'C-k': 'kill-line',
  'C-l': 'clear-screen',
  'C-n': 'next-history',
  'C-p': 'previous-history',
  'C-r': 'reverse-search',
  'C-t': 'transpose-chars',
  'C-u': 'unix-line-discard',
  'C-w': 'unix-word-rubout',
  'C-y': 'yank',
  'C-_': 'undo',
  'M-b': 'backward-word',
  'M-c': 'capitalize-word',
  'M-d': 'kill-word',
  'M-f': 'forward-word',
  'M-l': 'downcase-word',
  'M-u': 'upcase-word',
  'M-y': 'yank-pop',
  'M-.': 'yank-last-argument',
  'M-_': 'yank-last-argument',
  'M-<': 'beginning-of-history',
  'M->': 'end-of-history',
  'M-backspace': 'backward-kill-word',
  'C-backspace': 'backward-kill-word',
  'C-delete': 'kill-word',
  'M-delete': 'kill-word',
  backspace: 'backward-delete-char',
  'S-backspace': 'backward-delete-char',
  delete: 'delete-char',
  left: 'backward-char',
  right: 'forward-char',
  up: 'previous-row-or-history',
  down: 'next-row-or-history',
  home: 'beginning-of-line',
  end: 'end-of-line',
  'C-left': 'backward-word',
  'C-right': 'forward-word',
  'M-left': 'backward-word',
  'M-right': 'forward-word',
};
