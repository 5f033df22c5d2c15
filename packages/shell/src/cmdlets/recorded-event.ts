import type { RecordedEvent } from '@holdfast/protocol';
import { CustomObject } from '../runtime/custom-object.ts';

/** What an event has under the name that it has in the record. */
const FIELDS = {
  Address: 'address',
  Key: 'key',
  Actor: 'actor',
  SessionName: 'name',
  InstanceId: 'instanceId',
  CommandId: 'commandId',
  CommandText: 'text',
  ExitStatus: 'status',
  Signal: 'signal',
  DurationMs: 'durationMs',
  Comment: 'detail',
  Number: 'number',
} as const satisfies Record<string, keyof RecordedEvent>;

/** Properties of what Get-SessionEvent gives, which completion offers behind it. */
export const EVENT_PROPERTIES = [
  'Time',
  'Type',
  'User',
  'SessionId',
  'Client',
  'Detail',
  'ClientComputer',
  ...Object.keys(FIELDS),
  'ComputerName',
];

/** A row of a host's record. What does not apply is `$null`. */
export class SessionRecord extends CustomObject {
  constructor(event: RecordedEvent, computerName: string) {
    super([
      ['Time', new Date(event.time)],
      ['Type', event.type],
      ['User', event.user ?? null],
      ['SessionId', event.sessionId ?? null],
      ['Client', event.client ?? null],
      ['Detail', detailOf(event)],
      // A client calls itself by its host's name and its process id.
      ['ClientComputer', event.client?.replace(/:\d+$/u, '') ?? null],
      ...Object.entries(FIELDS).map(([name, field]): [string, unknown] => [name, event[field] ?? null]),
      ['ComputerName', computerName],
    ]);
  }
}

/** What a table has room for: the command, how it ended, by whom, why. */
function detailOf({ type, text, status, signal, actor, user, name, detail }: RecordedEvent): string {
  const parts = [
    text?.split('\n', 1)[0],
    signal === undefined ? statusText(status) : `signal ${signal}`,
    type === 'session.opened' ? name : undefined,
    actor !== undefined && actor !== user ? `by ${actor}` : undefined,
    detail,
  ];
  return parts.filter((part) => part !== undefined).join('; ');
}

function statusText(status: number | undefined): string | undefined {
  return status === undefined ? undefined : `exit ${status}`;
}
