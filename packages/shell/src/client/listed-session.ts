import type { SessionInfo } from '@holdfast/protocol';
import type { ResumableLink } from './resumable-link.ts';

/** A running session as its host lists it; undefined when the host has none, or cannot be asked any more. */
export async function listedSession(link: ResumableLink, instanceId: string): Promise<SessionInfo | undefined> {
  try {
    const { sessions } = await link.request('session.list', {});
    return sessions.find((session) => session.instanceId === instanceId && session.state === 'Running');
  } catch {
    return undefined;
  }
}
