import type { EventFilter, RecordedEvent, ReplyOf, RequestOf } from '@holdfast/protocol';

/** Which events are wanted: those that fit all that is given. */
export type EventOptions = EventFilter & {
  /** Only those behind the event with this number. */
  after?: number | undefined;
  /** Only so many of the last ones. */
  newest?: number | undefined;
};

type Ask = (request: RequestOf<'events.list'>) => Promise<ReplyOf<'events.list'>>;

/** Rows in one answer. */
const PAGE = 500;

/** The events of an agent's record that are wanted, oldest first, asked for page by page. */
export async function* recordPages(
  ask: Ask,
  { newest, after = 0, ...filter }: EventOptions,
): AsyncGenerator<RecordedEvent> {
  if (newest !== undefined) {
    yield* await lastOnes(ask, { ...filter, newest, after });
    return;
  }
  for (let from = after, more = true; more;) {
    const page = await ask({ ...filter, after: from, limit: PAGE });
    yield* page.events;
    from = page.events.at(-1)?.number ?? from;
    ({ more } = page);
  }
}

/** The last `newest` ones, found from the end on. */
async function lastOnes(
  ask: Ask,
  { newest, after, ...filter }: EventFilter & { newest: number; after: number },
): Promise<RecordedEvent[]> {
  let found: RecordedEvent[] = [];
  for (let more = newest > 0; more;) {
    const below = found[0]?.number;
    const limit = Math.min(PAGE, newest - found.length);
    const page = await ask({ ...filter, limit, ...(below !== undefined && { below }) });
    const wanted = page.events.filter(({ number }) => number > after);
    found = [...wanted, ...found];
    more = page.more && wanted.length === page.events.length && found.length < newest;
  }
  return found;
}
