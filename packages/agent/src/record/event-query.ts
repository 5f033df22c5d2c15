import type { DatabaseSync, SQLInputValue, SQLOutputValue } from 'node:sqlite';
import type { EventFilter, RecordedEvent } from '@holdfast/protocol';

/** Which events are asked for, and how many at most. */
export type EventQuery = EventFilter & { after?: number | undefined; below?: number | undefined; limit: number };

/** What a page of rows takes at most, and one row more. */
const PAGE_BYTES = 1024 * 1024;
/**
 * Events of the record in `database` that fit, in the order of their numbers, and whether there are others: the first ones
 * behind `after`, or the newest.
 * @throws Error of node:sqlite
 */
export function listEvents(database: DatabaseSync, query: EventQuery): { events: RecordedEvent[]; more: boolean } {
  const { after, limit } = query;
  const { conditions, values } = conditionsOf(query);
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
  const order = after === undefined ? 'DESC' : 'ASC';
  const found = database.prepare(`SELECT * FROM events ${where} ORDER BY number ${order} LIMIT ?`);
  const events: RecordedEvent[] = [];
  let room = PAGE_BYTES;
  for (const row of found.iterate(...values, limit + 1)) {
    if (events.length === limit || room <= 0) return { events: inOrder(events, after), more: true };
    events.push(eventOf(row));
    room -= Number(row['bytes']);
  }
  return { events: inOrder(events, after), more: false };
}

function inOrder(events: readonly RecordedEvent[], after: number | undefined): RecordedEvent[] {
  return after === undefined ? events.toReversed() : [...events];
}

function conditionsOf(filter: Omit<EventQuery, 'limit'>): { conditions: string[]; values: SQLInputValue[] } {
  const { since, before, sessionId, instanceId, user, types, after, below } = filter;
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  const add = (condition: string, ...value: (SQLInputValue | undefined)[]): void => {
    const given = value.filter((one) => one !== undefined);
    if (given.length === 0) return;
    conditions.push(condition);
    values.push(...given);
  };
  add('number > ?', after);
  add('number < ?', below);
  add('time >= ?', since);
  add('time < ?', before);
  add('session_id = ?', sessionId);
  add('instance_id = ?', instanceId);
  add('user = ?', user);
  // `command` stands for all of `command.…`; '/' comes behind '.'.
  const kinds = (types ?? []).flatMap((type) => [type, `${type}.`, `${type}/`]);
  add(`(${(types ?? []).map(() => 'type = ? OR (type >= ? AND type < ?)').join(' OR ')})`, ...kinds);
  return { conditions, values };
}

function eventOf(row: Record<string, SQLOutputValue>): RecordedEvent {
  const textOf = (column: string): string | undefined => {
    const value = row[column];
    return typeof value === 'string' ? value : undefined;
  };
  const numberOf = (column: string): number | undefined => {
    const value = row[column];
    return typeof value === 'number' ? value : undefined;
  };
  return {
    number: Number(row['number']),
    time: Number(row['time']),
    type: String(row['type']),
    user: textOf('user'),
    actor: textOf('actor'),
    key: textOf('key'),
    address: textOf('address'),
    client: textOf('client'),
    sessionId: numberOf('session_id'),
    instanceId: textOf('instance_id'),
    name: textOf('name'),
    commandId: textOf('command_id'),
    text: textOf('text'),
    status: numberOf('status'),
    signal: numberOf('signal'),
    durationMs: numberOf('duration_ms'),
    detail: textOf('detail'),
  };
}
