import { RemotingError, type ErrorCategory } from '@holdfast/protocol';

/** What went wrong in a command; thrown it ends the command, given to writeError it lets the command go on. */
export class ErrorRecord extends Error {
  /** Name of the condition: PowerShell's FullyQualifiedErrorId before the comma, or an id of the protocol. */
  readonly id: string;
  readonly category: ErrorCategory;
  /** What it is about: a session's name, a host, a parameter. */
  readonly target: string | undefined;
  /** It ends the whole line, not its statement alone: -ErrorAction Stop, `throw`. */
  endsLine = false;
  /** The cmdlet that reports it, filled in where it is reported; empty where PowerShell shows none. */
  cmdlet: string | undefined;

  constructor(
    id: string,
    category: ErrorCategory,
    message: string,
    options: { target?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ErrorRecord';
    this.id = id;
    this.category = category;
    this.target = options.target;
  }

  get Exception(): { readonly Message: string } {
    return new ErrorException(this.message);
  }

  get CategoryInfo(): ErrorCategoryInfo {
    return new ErrorCategoryInfo(this);
  }

  get FullyQualifiedErrorId(): string {
    return this.cmdlet === undefined || this.cmdlet === '' ? this.id : `${this.id},${this.cmdlet}`;
  }

  get TargetObject(): string | undefined {
    return this.target;
  }

  /** Makes a record of anything that was thrown. */
  static from(error: unknown): ErrorRecord {
    if (error instanceof ErrorRecord) return error;
    if (error instanceof RemotingError) {
      return new ErrorRecord(error.id, error.category, error.message, { target: error.target, cause: error });
    }
    const message = error instanceof Error ? error.message : String(error);
    return new ErrorRecord('InternalError', 'InvalidOperation', message, { cause: error });
  }
}

/** `$_.CategoryInfo`: what kind of error it is, and what it is about (ErrorCategoryInfo of PowerShell's SDK). */
class ErrorCategoryInfo {
  readonly Category: string;
  readonly Activity: string;
  readonly Reason: string;
  readonly TargetName: string;
  readonly TargetType: string;

  constructor({ category, cmdlet = '', cause, target }: ErrorRecord) {
    const isNamed = cause instanceof Error && cause.name !== 'Error';
    this.Category = category;
    this.Activity = cmdlet;
    this.Reason = isNamed ? cause.name : 'RuntimeException';
    this.TargetName = target ?? '';
    this.TargetType = target === undefined ? '' : 'String';
  }

  toString(): string {
    return `${this.Category}: (${this.TargetName}:${this.TargetType}) [${this.Activity}], ${this.Reason}`;
  }
}

/** `$_.Exception`: what a line asks of it is the message. */
class ErrorException {
  readonly Message: string;

  constructor(message: string) {
    this.Message = message;
  }

  toString(): string {
    return this.Message;
  }
}
