import type { CallerStamp, RequestType } from '@holdfast/protocol';

/** Who may ask, and who answers: the newest host, the one that has the session or the channel, or all of them. */
type Route = { to: 'newest' | 'instance' | 'channel' | 'all'; roles: CallerStamp['roles'] };

const OWNER: CallerStamp['roles'] = ['owner'];
/** An administrator lists, disconnects and stops the sessions of others; the session host says whose. */
const BOTH: CallerStamp['roles'] = ['owner', 'administrator'];

/** Where each request of a client goes. A request without a line here does not compile. */
export const ROUTES: Record<RequestType, Route> = {
  'session.open': { to: 'newest', roles: OWNER },
  'exec.start': { to: 'newest', roles: OWNER },
  'session.connect': { to: 'instance', roles: OWNER },
  'session.watch': { to: 'instance', roles: OWNER },
  'session.detach': { to: 'instance', roles: BOTH },
  'session.stop': { to: 'instance', roles: BOTH },
  'session.message': { to: 'instance', roles: BOTH },
  'session.update': { to: 'instance', roles: OWNER },
  'session.unwatch': { to: 'channel', roles: OWNER },
  'session.keyboard': { to: 'channel', roles: OWNER },
  'session.show': { to: 'channel', roles: OWNER },
  'session.hide': { to: 'channel', roles: OWNER },
  'session.resize': { to: 'channel', roles: OWNER },
  'session.echo': { to: 'channel', roles: OWNER },
  'session.interrupt': { to: 'channel', roles: OWNER },
  'command.run': { to: 'channel', roles: OWNER },
  'command.complete': { to: 'channel', roles: OWNER },
  'channel.end': { to: 'channel', roles: OWNER },
  'exec.signal': { to: 'channel', roles: OWNER },
  'session.list': { to: 'all', roles: BOTH },
  'connection.resume': { to: 'all', roles: OWNER },
  'connection.goodbye': { to: 'all', roles: BOTH },
  'events.list': { to: 'all', roles: BOTH },
  /** The gateway's own. */
  'journal.read': { to: 'newest', roles: [] },
  'agent.configurations': { to: 'newest', roles: OWNER },
  'agent.status': { to: 'all', roles: BOTH },
};
