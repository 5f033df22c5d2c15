import type { SessionInfo } from '@holdfast/protocol';

/** What a person is told of a session whose output the host's disk does not take. */
export function diskLine(
  computerName: string,
  problem: string,
  { outputBufferingMode }: Pick<SessionInfo, 'outputBufferingMode'>,
): string {
  const then = outputBufferingMode === 'Drop' ? 'the oldest is discarded (Drop)' : 'the program waits (Block)';
  return `Output of this session is kept in the memory of ${computerName} only: ${problem}; when that is used up, ${then}`;
}
