import { randomUUID } from 'node:crypto';
import type { ReplyOf, SessionInfo } from '@holdfast/protocol';
import { sessionFixture } from '@holdfast/protocol/testing';

/** A session as a host would describe it. */
export function sessionInfo(about: Partial<SessionInfo>): SessionInfo {
  return sessionFixture({ instanceId: randomUUID(), idleTimeoutMs: 1000, maxIdleTimeoutMs: 1000, ...about });
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
