/** `break`, `continue`, `return` and `exit` on their way to what they leave. */
export class Flow extends Error {
  readonly kind: 'break' | 'continue' | 'return' | 'exit';
  /** Exit status of `exit N`. */
  readonly status: number;

  constructor(kind: Flow['kind'], status = 0) {
    super(kind);
    this.kind = kind;
    this.status = status;
  }

  static is(error: unknown, kind: Flow['kind']): error is Flow {
    return error instanceof Flow && error.kind === kind;
  }
}
