import { RemotingError, assertTerminal, type ReplyOf, type RequestOf } from '@holdfast/protocol';
import { isSameClient } from '../session/channel-port.ts';
import type { OneShotTable } from '../session/one-shot-table.ts';
import type { SessionTable } from '../session/session-table.ts';
import { attachableSession } from './access.ts';
import type { ClientConnection } from './client-connection.ts';
import { isReachable } from './forced-command.ts';
import { infoFor } from './session-replies.ts';
import type { Recorder } from './recorder.ts';

type Asked = RequestOf<'connection.resume'>['channels'][number];
type Answer = ReplyOf<'connection.resume'>['channels'][number];

/** Goes on with a client's channels on its new link; a channel that cannot go on is refused alone. */
export function resumeChannels(
  request: RequestOf<'connection.resume'>,
  client: ClientConnection,
  host: { sessions: SessionTable; oneShots: OneShotTable; recorder: Recorder },
): Answer[] {
  const { attempt } = request;
  return request.channels.map((asked) => {
    try {
      return resumeOneShot(asked, attempt, client, host.oneShots) ?? resumeSession(asked, attempt, client, host);
    } catch (error) {
      const { id, message } =
        error instanceof RemotingError ? error : new RemotingError('InternalError', String(error));
      return { channel: asked.channel, error: { error: id, message } };
    }
  });
}

function resumeOneShot(
  asked: Asked,
  attempt: number | undefined,
  client: ClientConnection,
  oneShots: OneShotTable,
): Answer | undefined {
  const oneShot = oneShots.find(asked.attachmentId);
  if (oneShot === undefined) return undefined;
  assertSame(oneShot, asked, isSameClient(oneShot.client, client.identity) && isReachable(client, oneShot));
  return client.reattach(asked.channel, (port) => {
    oneShot.resume(port, { ...asked, attempt });
    return {
      end: oneShot.endOf(asked.channel),
      reply: { channel: asked.channel, inputReceived: oneShot.inputReceived },
    };
  });
}

function resumeSession(
  asked: Asked,
  attempt: number | undefined,
  client: ClientConnection,
  { sessions, recorder }: { sessions: SessionTable; recorder: Recorder },
): Answer {
  const { session, attachment } = sessions.findAttachment(asked.attachmentId);
  assertSame(session, asked, isSameClient(attachment.client, client.identity) && isReachable(client, session));
  assertTerminal(client.caller.restrictions);
  attachableSession(client, sessions, session.instanceId, attachment.role);
  return client.reattach(asked.channel, (port) => {
    const holder = session.attachment;
    attachment.resume(port, { ...asked, attempt });
    // Its grace time was over, and the session was let go.
    if (session.attachment !== holder) recorder.connected(client, session, holder?.client);
    const { inputReceived } = attachment;
    const isTyping = attachment.role === 'keyboard';
    const answered = isTyping ? session.program.questions.answeredBehind(asked.receivedTo) : [];
    return {
      end: attachment,
      reply: { channel: asked.channel, inputReceived, session: infoFor(client, session), answered },
    };
  });
}

function assertSame({ incarnation }: { incarnation: string }, asked: Asked, isSameClient: boolean): void {
  if (!isSameClient) throw new RemotingError('AttachmentLost', 'This attachment belongs to another client');
  if (asked.incarnation === incarnation) return;
  throw new RemotingError('IncarnationMismatch', 'The process behind this session is another one now');
}
