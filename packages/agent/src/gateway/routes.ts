import type { RequestType } from '@holdfast/protocol';

/**
 * Where each request of a client goes: to the newest session host, to the one that has its channel or its session, to
 * all of them, or nowhere but to the gateway. A request without a line here does not compile.
 */
export const ROUTES = {
  'session.open': 'newest',
  'exec.start': 'newest',
  'session.connect': 'instance',
  'session.detach': 'instance',
  'session.stop': 'instance',
  'session.update': 'instance',
  'session.show': 'channel',
  'session.hide': 'channel',
  'session.resize': 'channel',
  'session.interrupt': 'channel',
  'command.run': 'channel',
  'command.complete': 'channel',
  'channel.end': 'channel',
  'exec.signal': 'channel',
  'session.list': 'all',
  'connection.resume': 'all',
  'connection.goodbye': 'all',
  'agent.status': 'all',
} as const satisfies Record<RequestType, 'newest' | 'instance' | 'channel' | 'all'>;
