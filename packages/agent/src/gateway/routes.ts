import type { RequestType } from '@holdfast/protocol';

/** Who answers: the newest host, the one that has the session or the channel, or all of them. */
type Route = 'newest' | 'instance' | 'channel' | 'all';

/** Where each request of a client goes. A request without a line here does not compile. */
export const ROUTES: Record<RequestType, Route> = {
  'session.open': 'newest',
  'exec.start': 'newest',
  'session.connect': 'instance',
  'session.watch': 'instance',
  'session.detach': 'instance',
  'session.stop': 'instance',
  'session.message': 'instance',
  'session.update': 'instance',
  'session.grant': 'instance',
  'session.unwatch': 'channel',
  'session.keyboard': 'channel',
  'session.show': 'channel',
  'session.hide': 'channel',
  'session.resize': 'channel',
  'session.echo': 'channel',
  'session.interrupt': 'channel',
  'command.run': 'channel',
  'command.complete': 'channel',
  'channel.end': 'channel',
  'exec.signal': 'channel',
  'session.list': 'all',
  'connection.resume': 'all',
  'connection.goodbye': 'all',
  'events.list': 'all',
  /** The gateway's own. */
  'journal.read': 'newest',
  'agent.configurations': 'newest',
  'agent.status': 'all',
};
