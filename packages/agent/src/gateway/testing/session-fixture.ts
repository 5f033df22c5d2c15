import { randomUUID } from 'node:crypto';
import type { ReplyOf, SessionInfo } from '@holdfast/protocol';

/** A session as a host would describe it. */
export function sessionInfo(about: Partial<SessionInfo>): SessionInfo {
  return {
    sessionId: 1,
    instanceId: randomUUID(),
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
    idleTimeoutMs: 1000,
    maxIdleTimeoutMs: 1000,
    ...about,
  };
}

/** The answer to session.open and session.connect. */
export function attachedReply(about: Partial<SessionInfo>): ReplyOf<'session.open'> {
  return {
    session: sessionInfo(about),
    attachment: { attachmentId: randomUUID(), inputReceived: 0, incarnation: 'first' },
  };
}

/** A session.open request with everything that is needed. */
export function openRequest(channel: number) {
  return { channel, openId: randomUUID(), columns: 80, rows: 24, environment: {}, temporary: false };
}
