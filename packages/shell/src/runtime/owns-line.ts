import type { Commands } from './cmdlet.ts';

/** Whose line is it? Ours if it begins with a cmdlet or alias of ours, in any case; all others are the shell's, as they stand. */
export function ownsLine(line: string, commands: Pick<Commands, 'find'>): boolean {
  const word = /^[\s;]*([\w-]+)(?=$|[\s;|&<>(){}#,])/u.exec(line)?.[1];
  return word !== undefined && commands.find(word) !== undefined;
}
