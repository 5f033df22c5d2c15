import { setTimeout as delay } from 'node:timers/promises';
import { assertMayAsk, type IncomingRequest, type ReplyOf, type RequestOf, type RequestType } from '@holdfast/protocol';
import { findConfiguration } from '../config.ts';
import { explainedLack } from '../exhausted-resource.ts';
import type { OneShotOptions } from '../session/one-shot.ts';
import type { Session } from '../session/session.ts';
import { echoes } from '../terminal/line-discipline.ts';
import {
  assertNotLate,
  assertOwnUser,
  attachableFor,
  attachableSession,
  attachedSession,
  heldSession,
  leavableSession,
  managedSession,
  mayManage,
  oneShotOn,
  ownSession,
} from './access.ts';
import type { ClientConnection } from './client-connection.ts';
import { configurationFor, execFor, noteStarter, startedBefore } from './forced-command.ts';
import { grant } from './grant.ts';
import { sayGoodbye } from './goodbye.ts';
import type { HostState } from './host-state.ts';
import { resumeChannels } from './resume.ts';
import { sayTo } from './session-message.ts';
import { attachedReply, infoFor } from './session-replies.ts';
import { assertRoom } from './shell-quota.ts';
import { statusFor } from './status.ts';

const ACCEPTED_DELAY_MS = 2;
/** Characters of a message that are recorded. */
const MAX_DETAIL = 2000;

type Handlers = {
  [T in RequestType]: (
    body: RequestOf<T>,
    client: ClientConnection,
    host: HostState,
  ) => ReplyOf<T> | Promise<ReplyOf<T>>;
};

const handlers: Handlers = {
  'session.open': (body, client, host) => {
    const { sessions, config } = host;
    assertOwnUser(client);
    const found = configurationFor(client, findConfiguration(config, body.configurationName));
    const isNew = startedBefore(client, sessions.opened(body.openId)) === undefined;
    if (isNew) assertRoom(found, host);
    const configuration = body.noProfile === true ? { ...found, noProfile: true } : found;
    return client.attach(body.channel, (port) => {
      const opener = { client: client.identity, local: client.isLocal, port, configuration };
      const { session, attachment } = sessions.open(body, opener);
      noteStarter(client, session);
      if (isNew) host.recorder.opened(client, session);
      return { end: attachment, reply: attachedReply(client, session, attachment) };
    });
  },

  'session.list': (_body, client, { sessions }) => {
    const seen = sessions.list().filter((session) => isSeenBy(client, session));
    const infos = seen.map((session) => infoFor(client, session));
    for (const session of seen) if (session.owner === client.caller.user) sessions.markTold(session);
    return { sessions: infos };
  },

  'session.connect': (body, client, { sessions, recorder }) => {
    const session = attachableSession(client, sessions, body.instanceId, 'keyboard');
    return client.attach(body.channel, (port) => {
      const { force, connectId: tieId, attempt } = body;
      const former = session.attachment;
      const attachment = session.connect(client.identity, port, { force, tieId, attempt });
      if (attachment !== former) recorder.connected(client, session, former?.client);
      return { end: attachment, reply: attachedReply(client, session, attachment) };
    });
  },

  'session.watch': (body, client, { sessions, recorder }) => {
    const session = attachableSession(client, sessions, body.instanceId, 'watching');
    return client.attach(body.channel, (port) => {
      const { watchId: tieId, attempt } = body;
      // Whoever may not type has no say in the size either.
      const sizing = body.sizing === true && attachableFor(client, session).includes('keyboard');
      const before = session.attendance.all;
      const attachment = session.watch(client.identity, port, { tieId, attempt, sizing });
      if (!before.includes(attachment)) recorder.did(client, { type: 'session.watched' }, session);
      return { end: attachment, reply: attachedReply(client, session, attachment) };
    });
  },

  'session.unwatch': (body, client, { sessions, recorder }) => {
    const { session, attachment } = attachedSession(client, sessions, body.channel);
    if (attachment.role === 'watching') {
      recorder.did(client, { type: 'session.unwatched' }, session);
      session.attendance.unwatch(attachment);
    }
    return { session: infoFor(client, session) };
  },

  'session.keyboard': (body, client, { sessions, recorder }) => {
    const { session, attachment } = attachedSession(client, sessions, body.channel);
    const { attendance } = attachableSession(client, sessions, session.instanceId, 'keyboard');
    const former = attendance.holder;
    attendance[body.act](attachment, body.keyboardId);
    if (attendance.holder !== former) recorder.handedOver(client, session, former?.client);
    return attachedReply(client, session, attachment);
  },

  'session.show': async (body, client, { sessions }) => {
    const { session, attachment } = attachedSession(client, sessions, body.channel);
    return { ...(await session.show(attachment, body)), session: infoFor(client, session) };
  },

  'session.hide': (body, client, { sessions }) => {
    const { session, attachment } = attachedSession(client, sessions, body.channel);
    session.hide(attachment);
    return { session: infoFor(client, session) };
  },

  'session.resize': (body, client, { sessions }) => {
    const { session, attachment } = attachedSession(client, sessions, body.channel);
    session.attendance.resize(attachment, body);
    return {};
  },

  'session.echo': async (body, client, { sessions, settings }) => {
    const { session, attachment } = heldSession(client, sessions, body.channel);
    // What comes in or out while it is looked at may change it.
    const seen = { at: session.program.output.end, inputReceived: attachment.inputReceived };
    return { echo: await echoes(session.program.slavePath, settings.sttyMs), ...seen };
  },

  'session.interrupt': (body, client, { sessions }) => {
    const { session, attachment } = heldSession(client, sessions, body.channel);
    return attachment.interrupts.once(body.interruptId, () => session.program.interrupt());
  },

  'session.detach': (body, client, { sessions, recorder }) => {
    const session = leavableSession(client, sessions, body);
    assertNotLate(client, session, body.channel);
    session.setLimits(body);
    if (session.attachment !== undefined) recorder.did(client, { type: 'session.disconnected' }, session);
    session.release(reasonOf('Disconnected', client, session));
    return { session: infoFor(client, session) };
  },

  'session.stop': async (body, client, { sessions, recorder }) => {
    const session = managedSession(client, sessions, body.instanceId);
    assertNotLate(client, session, body.channel);
    if (session.program.exit === undefined) recorder.did(client, { type: 'session.stopped' }, session);
    await session.stop(reasonOf('Stopped', client, session));
    const { info } = session;
    sessions.markTold(session);
    return { session: info };
  },

  'session.message': (body, client, { sessions, recorder }) => {
    const session = managedSession(client, sessions, body.instanceId);
    recorder.did(client, { type: 'session.messaged', detail: body.text.slice(0, MAX_DETAIL) }, session);
    return { shownTo: sayTo(session, body, client) };
  },

  'session.update': (body, client, { sessions }) => {
    const session = ownSession(client, sessions, body.instanceId);
    assertNotLate(client, session, body.channel);
    session.update(body);
    return { session: infoFor(client, session) };
  },

  'session.grant': (body, client, host) => grant(body, client, host),

  'command.run': async (body, client, { sessions, recorder }) => {
    const { session } = attachedSession(client, sessions, body.channel);
    // Asked again for want of an answer, by a client that has lost the keyboard since.
    if (!session.program.hasAccepted(body.commandId)) heldSession(client, sessions, body.channel);
    recorder.runs(client, session, body);
    // Nobody waits for the answer; sent at once, it would be in the way of the command's first output.
    await delay(ACCEPTED_DELAY_MS);
    return { accepted: true };
  },

  'command.complete': async (body, client, { sessions }) => {
    const { program } = heldSession(client, sessions, body.channel).session;
    return { candidates: await program.complete(body.line, body.point) };
  },

  'exec.start': (body, client, host) => {
    const { oneShots, config, recorder } = host;
    assertOwnUser(client);
    const configuration = findConfiguration(config, body.configurationName);
    const isNew = startedBefore(client, oneShots.started(body.execId)) === undefined;
    if (isNew) assertRoom(configuration, host);
    const { originalCommand, ...request } = execFor(client, { ...body, configurationName: configuration.name });
    return client.attach(body.channel, (port) =>
      client.attach(body.errorChannel, (errorPort) => {
        const caller = { client: client.identity, local: client.isLocal, port, errorPort, originalCommand };
        const onOver: OneShotOptions['onOver'] = (exit) => recorder.executed(body.execId, exit);
        if (isNew) recorder.executes(client, request);
        const oneShot = oneShots.start(request, { ...caller, onOver });
        noteStarter(client, oneShot);
        const { attachmentId, incarnation, inputReceived } = oneShot;
        const reply = { attachment: { attachmentId, incarnation, inputReceived } };
        return { end: oneShot.endOf(body.errorChannel), reply: { end: oneShot, reply } };
      }),
    );
  },

  'channel.end': (body, client) => {
    client.endOf(body.channel)?.onEnd(body.at);
    return {};
  },

  'exec.signal': (body, client) => {
    oneShotOn(client, body.channel).signal(body.signal);
    return {};
  },

  'connection.resume': (body, client, host) => ({ channels: resumeChannels(body, client, host) }),

  'connection.goodbye': (_body, client, host) => sayGoodbye(client, host),

  'events.list': (body, client, { record }) => record.list(body, client),

  'journal.read': (body, client, { record }) => record.read(body, client),

  'agent.configurations': (_body, client, { config }) => {
    assertOwnUser(client);
    const configurations = [...config.configurations.values()].map((one) => ({ ...one, args: [...one.args] }));
    return { defaultConfiguration: config.defaultConfiguration, configurations };
  },

  'agent.status': (_body, client, host) => statusFor(client, host),
};

/** What does not come about when the machine lacks something for it. */
const WORK: Partial<Record<RequestType, string>> = {
  'session.open': 'No session can be opened',
  'command.run': 'The command was not run',
  'exec.start': 'The command was not run',
};

function isSeenBy(client: ClientConnection, session: Session): boolean {
  return mayManage(client, session) || attachableFor(client, session).length > 0;
}

/** What a holder is told of what another client did; nothing when it was its own doing. */
function reasonOf(what: string, { identity }: ClientConnection, { attachment }: Session): string | undefined {
  if (attachment?.client.clientId === identity.clientId) return undefined;
  return `${what} by ${identity.client} at ${identity.address}`;
}

/**
 * Does what a client asks.
 * @returns the reply
 * @throws RemotingError, which is the error reply
 */
export async function handleRequest(
  request: IncomingRequest,
  client: ClientConnection,
  host: HostState,
): Promise<unknown> {
  assertMayAsk(request.type, client.caller);
  // Type and body belong together; the union cannot be narrowed by a computed key.
  const handle = handlers[request.type] as (body: unknown, client: ClientConnection, host: HostState) => unknown;
  try {
    return await handle(request.body, client, host);
  } catch (error) {
    throw explainedLack(WORK[request.type] ?? 'The session host cannot do that', error);
  }
}
