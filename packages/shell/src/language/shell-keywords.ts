/** An open construct and what closes it; a `case` is at its word, its patterns, or a branch's commands. */
export type Open = {
  closer: 'fi' | 'done' | 'esac' | '}' | ')' | ']]' | 'array';
  part?: 'word' | 'patterns' | 'commands';
};

/** Words that open something, by what closes it. */
export const OPENERS: Record<string, Open['closer']> = {
  if: 'fi',
  for: 'done',
  select: 'done',
  while: 'done',
  until: 'done',
  case: 'esac',
  '{': '}',
  '[[': ']]',
};
/** Words that close something. */
export const CLOSERS: ReadonlySet<string> = new Set(['fi', 'done', 'esac', '}']);
/** After these words a command begins. */
export const COMMAND_FOLLOWS: ReadonlySet<string> = new Set(
  'if then elif else while until do { ! time coproc'.split(' '),
);
