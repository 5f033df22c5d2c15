import type { SessionEvent } from '@holdfast/protocol';
import { diskLine } from '../client/disk-line.ts';
import { recordingLine } from '../client/recording-line.ts';
import type { RemoteSession } from '../client/remote-session.ts';

/** The line that says what became of a session's output; undefined for an event that says nothing of it. */
export function outputNotice(event: SessionEvent, { connection, info }: RemoteSession): string | undefined {
  switch (event.type) {
    case 'output.dropped':
      return `· ${event.to - event.at} bytes of output were discarded (Drop)`;
    case 'disk.changed':
      return event.problem && `· ${diskLine(connection.computerName, event.problem, info)}`;
    case 'recording.ended':
      // What it ends by says the same.
      return event.stops
        ? undefined
        : `· ${recordingLine(connection.computerName, { recording: { file: '', problem: event.problem } })}`;
    default:
      return undefined;
  }
}
