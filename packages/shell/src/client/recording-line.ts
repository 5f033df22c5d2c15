import type { SessionInfo } from '@holdfast/protocol';

/** What a person is told of a session's recording when they come to it; undefined where there is none. */
export function recordingLine(computerName: string, { recording }: Pick<SessionInfo, 'recording'>): string | undefined {
  if (recording === undefined) return undefined;
  const { problem } = recording;
  return problem === undefined
    ? `This session is recorded on ${computerName}`
    : `This session is not recorded on ${computerName} any more: ${problem}`;
}
