/** Category of an error record, from PowerShell's ErrorCategory. */
export type ErrorCategory =
  | 'InvalidArgument'
  | 'InvalidOperation'
  | 'ObjectNotFound'
  | 'OpenError'
  | 'PermissionDenied'
  | 'ProtocolError'
  | 'ResourceBusy'
  | 'ResourceUnavailable'
  | 'ConnectionError'
  | 'AuthenticationError'
  | 'LimitsExceeded'
  | 'OperationStopped'
  | 'OperationTimeout'
  | 'NotImplemented';

/** Every condition that travels: its id is the wire code and the FullyQualifiedErrorId. docs/protocol.md lists them all. */
export const ERRORS = {
  ProtocolViolation: 'ProtocolError',
  FrameTooLarge: 'ProtocolError',
  VersionMismatch: 'ProtocolError',
  UnknownOperation: 'ProtocolError',
  InvalidMessage: 'ProtocolError',
  HandshakeTimeout: 'OperationTimeout',
  TooManyConnections: 'LimitsExceeded',
  HostKeyUnknown: 'AuthenticationError',
  HostKeyChanged: 'AuthenticationError',
  HostKeyRevoked: 'AuthenticationError',
  KeyFileUnusable: 'OpenError',
  SignatureRejected: 'AuthenticationError',
  AccessDenied: 'PermissionDenied',
  TicketRejected: 'AuthenticationError',
  SessionNotFound: 'ObjectNotFound',
  SessionHeldElsewhere: 'ResourceBusy',
  SessionBusy: 'ResourceBusy',
  KeyboardNotHeld: 'InvalidOperation',
  SessionExited: 'InvalidOperation',
  GrantRefused: 'InvalidOperation',
  UserNotFound: 'ObjectNotFound',
  SessionLimitReached: 'LimitsExceeded',
  SessionTaken: 'ConnectionError',
  AttachmentLost: 'ConnectionError',
  IncarnationMismatch: 'ConnectionError',
  ConfigurationNotFound: 'ObjectNotFound',
  IdleTimeoutOutOfRange: 'InvalidArgument',
  CommandTooLong: 'LimitsExceeded',
  CommandNotText: 'InvalidArgument',
  TerminalNeeded: 'ResourceUnavailable',
  ProgramNotStarted: 'OpenError',
  HostUnavailable: 'ResourceUnavailable',
  OutOfResources: 'ResourceUnavailable',
  ComeBackLater: 'ResourceUnavailable',
  ConnectionLost: 'ConnectionError',
  ConnectionRefused: 'ConnectionError',
  InvalidSetting: 'InvalidArgument',
  InvalidComputerName: 'InvalidArgument',
  InvalidSessionName: 'InvalidArgument',
  OperationStopped: 'OperationStopped',
  OperationTimedOut: 'OperationTimeout',
  InternalError: 'InvalidOperation',
} as const satisfies Record<string, ErrorCategory>;

export type ErrorId = keyof typeof ERRORS;

/** A condition that a caller may want to catch, with the id under which it travels and is documented. */
export class RemotingError extends Error {
  readonly id: ErrorId;
  readonly category: ErrorCategory;
  /** What the error is about (a session name, a host), for the error record. */
  readonly target: string | undefined;

  constructor(id: ErrorId, message: string, options: { target?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'RemotingError';
    this.id = id;
    this.category = ERRORS[id];
    this.target = options.target;
  }
}

/** True for an id that this build knows; a newer peer may send others. */
export function isErrorId(id: string): id is ErrorId {
  return Object.hasOwn(ERRORS, id);
}
