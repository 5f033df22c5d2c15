import * as v from 'valibot';

const MAX_CHARACTERS = 500;

/**
 * What is wrong with a value that is not as its schema has it, in one line: `whole` or the place in it, and what was
 * expected there. A place and a value may be anything that a peer, or whoever wrote a file, put there.
 */
export function issueText(issue: v.BaseIssue<unknown>, whole: string): string {
  return printable(`${v.getDotPath(issue) ?? whole}: ${issue.message}`);
}

/** Text from outside as one line that a terminal takes as text: without controls, and not endless. */
export function printable(text: string): string {
  const safe = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?');
  return safe.length > MAX_CHARACTERS ? `${safe.slice(0, MAX_CHARACTERS)} …` : safe;
}
