import { ErrorRecord } from './error-record.ts';
import { toText } from './value-conversion.ts';

/** What `throw` throws: it ends the line, not the statement alone. */
export class ThrownError extends ErrorRecord {
  readonly value: unknown;

  constructor(value: unknown) {
    super('RuntimeException', 'OperationStopped', value instanceof Error ? value.message : toText(value));
    this.value = value;
    this.endsLine = true;
    this.cmdlet = '';
  }
}
