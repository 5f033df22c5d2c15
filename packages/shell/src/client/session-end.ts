import { constants } from 'node:os';
import {
  RemotingError,
  type AttachedClient,
  type ErrorId,
  type OutputBufferingMode,
  type SessionEvent,
  type SessionInfo,
  type SessionState,
} from '@holdfast/protocol';
import type { ClientSettings } from './client-settings.ts';
import { describeClient } from './describe-client.ts';
import type { LinkState, LinkStateListener } from './link-status.ts';

/** What a session knows of the connection it belongs to. */
export interface SessionConnection {
  readonly computerName: string;
  readonly clientId: string;
  readonly settings: ClientSettings;
  readonly linkState: LinkState;
  onLinkState: (listener: LinkStateListener) => () => void;
  /** Tries to restore the link at once: a key was pressed. */
  retryNow: () => void;
}

/** What a session that is held by nobody keeps to; `signal` stops the waiting for the host's answer. */
export type DetachOptions = {
  idleTimeoutMs?: number;
  outputBufferingMode?: OutputBufferingMode;
  signal?: AbortSignal | undefined;
};

/** `reason` is a sentence for a person; `unsentInput` what was typed and did not reach the session for certain. */
export type SessionStateDetail = { reason: string; error?: RemotingError; unsentInput: Uint8Array };
export type SessionStateListener = (state: SessionState, detail: SessionStateDetail) => void;

/** A state that a session does not leave here; another RemoteSession may come of it. */
export type EndState = 'Disconnected' | 'Broken' | 'Closed';

const STATES: Partial<Record<ErrorId, EndState>> = {
  SessionTaken: 'Disconnected',
  SessionHeldElsewhere: 'Disconnected',
  KeyboardNotHeld: 'Disconnected',
  SessionExited: 'Closed',
  // This client closed the connection; the host keeps the session.
  OperationStopped: 'Disconnected',
};

/** What a session is here when the host, or this client, says why it does not go on. */
export function stateAfter(error: RemotingError): EndState {
  return STATES[error.id] ?? 'Broken';
}

/** Why a session is over here whose host does not go on with it, in a person's words; `listed` as the host still has it. */
export function explainLoss(
  cause: RemotingError | undefined,
  listed: SessionInfo | undefined,
): RemotingError | undefined {
  if (cause === undefined) return undefined;
  const reason =
    listed === undefined
      ? 'The host does not have it any more: it was ended there, or the process that ran it was'
      : 'The host let go of it while the link was down; it goes on there';
  return new RemotingError('AttachmentLost', reason, { cause });
}

/** What is answered for a session that is not Opened. */
export function notOpen({ info, state }: { info: SessionInfo; state: SessionState }): RemotingError {
  return new RemotingError('SessionExited', `The session ${info.name} is ${state.toLowerCase()} here`);
}

/** How a program ended, as a shell says it: its exit status, or the signal by its name. */
type Exit = { status: number; signal?: number | undefined; reason?: string | undefined };

function describeExit({ status, signal, reason }: Exit): string {
  if (reason !== undefined) return `was stopped: ${reason}`;
  if (signal === undefined) return `ended with status ${status}`;
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return `was ended by ${name ?? `signal ${signal}`}`;
}

/**
 * Why a session does not go on here behind an event; undefined when it does.
 * @param number which one of its attachments is this client's, with the keyboard
 */
export function errorAfter(event: SessionEvent, number: number | undefined): RemotingError | undefined {
  switch (event.type) {
    case 'session.attachments':
      return keyboardError(event.attachments, number);
    case 'session.taken':
      return new RemotingError('SessionTaken', `The session was taken by ${event.client} from ${event.address}`);
    case 'session.detached':
      return new RemotingError('AttachmentLost', event.reason);
    case 'session.exited':
      return new RemotingError('SessionExited', `The shell ${describeExit(event)}`);
    default:
      return undefined;
  }
}

function keyboardError(attachments: readonly AttachedClient[], number: number | undefined): RemotingError | undefined {
  if (attachments.find((one) => one.number === number)?.role !== 'watching') return undefined;
  const typist = attachments.find(({ role }) => role === 'keyboard');
  const message = typist === undefined ? 'Nobody has the keyboard now' : `${describeClient(typist)} took the keyboard`;
  return new RemotingError('KeyboardNotHeld', message);
}
