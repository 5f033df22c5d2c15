import type { SessionInfo } from '../session-info.ts';

/** An idle session as a host would describe it, but for `about`. */
export function sessionFixture(about: Partial<SessionInfo> & Pick<SessionInfo, 'instanceId'>): SessionInfo {
  return {
    sessionId: 1,
    incarnation: 'first',
    name: 'test',
    configurationName: 'default',
    owner: 'somebody',
    program: '/bin/bash',
    driver: 'bash',
    createdAt: 0,
    state: 'Running',
    ready: true,
    temporary: false,
    cwd: '/',
    columns: 80,
    rows: 24,
    home: '/home/me',
    outputEnd: 0,
    eventsTo: 0,
    delivered: 0,
    outputBufferingMode: 'Block',
    idleTimeoutMs: 43_200_000,
    maxIdleTimeoutMs: 43_200_000,
    ...about,
  };
}
