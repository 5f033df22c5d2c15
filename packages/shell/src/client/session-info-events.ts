import type { AttachedClient, SessionEvent, SessionInfo } from '@holdfast/protocol';

/** Another client, of which its event names no id. */
const NO_CLIENT_ID = '00000000-0000-0000-0000-000000000000';

/** What is known of a session after one of its events. */
export function applyEvent(info: SessionInfo, event: SessionEvent): SessionInfo {
  switch (event.type) {
    case 'session.ready':
      return { ...info, ready: true, driver: event.driver, cwd: event.cwd };
    case 'command.started': {
      const { commandId, text } = event;
      return { ...info, ready: false, command: { commandId, text, startedAt: Date.now() } };
    }
    case 'command.asked':
      return withQuestion(info, event.text);
    case 'command.ended':
      return withoutCommand({ ...info, cwd: event.cwd });
    case 'command.ready':
      return withoutCommand({ ...info, ready: true });
    case 'session.resized':
      return { ...info, columns: event.columns, rows: event.rows };
    case 'session.exited': {
      const { status: exitStatus, signal: exitSignal } = event;
      return withoutCommand({ ...info, state: 'Exited', ready: false, exitStatus, exitSignal });
    }
    case 'session.taken': {
      const { client, address } = event;
      return { ...info, holder: { clientId: NO_CLIENT_ID, client, address, since: Date.now(), linked: true } };
    }
    case 'session.attachments':
      return withAttachments(info, event.attachments);
    case 'session.detached':
      return withoutHolder(info);
    default:
      return withStorage(info, event);
  }
}

/** What its output is kept in. */
function withStorage(info: SessionInfo, event: SessionEvent): SessionInfo {
  if (event.type === 'disk.changed') return { ...info, diskProblem: event.problem };
  if (event.type !== 'recording.ended') return info;
  return { ...info, recording: { file: info.recording?.file ?? '', problem: event.problem } };
}

function withQuestion(info: SessionInfo, asks: string): SessionInfo {
  return info.command === undefined ? info : { ...info, command: { ...info.command, asks } };
}

function withAttachments(info: SessionInfo, attachments: AttachedClient[]): SessionInfo {
  const holder = attachments.find(({ role }) => role === 'keyboard');
  const known = holder === undefined ? withoutHolder(info) : { ...info, holder: { ...holder, clientId: NO_CLIENT_ID } };
  return { ...known, attachments };
}

function withoutCommand(info: SessionInfo): SessionInfo {
  const { command: _, ...rest } = info;
  return rest;
}

function withoutHolder(info: SessionInfo): SessionInfo {
  const { holder: _, ...rest } = info;
  const now = Date.now();
  return { ...rest, disconnectedAt: now, expiresAt: now + info.idleTimeoutMs };
}
