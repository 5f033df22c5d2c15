import type { PSSession } from '../client/ps-session.ts';
import type { Remoting } from '../client/remoting.ts';
import { formatError, formatParseError } from '../formatting/error-view.ts';
import { writeOutput } from '../formatting/output.ts';
import { parse } from '../language/parser.ts';
import type { ExitStatement, Pipeline } from '../language/syntax-tree.ts';
import type { CommandServices } from './command-context.ts';
import { CommandTable } from './command-table.ts';
import { ErrorRecord } from './error-record.ts';
import { evaluateArgument } from './evaluate.ts';
import type { Host } from './host.ts';
import { int32 } from './parameter-type.ts';
import { ownsLine } from './owns-line.ts';
import { runPipeline } from './pipeline.ts';

/** Errors kept in `errors`, newest first. */
const MAX_ERRORS = 256;

/** Exit status of a line that was stopped: 128 + SIGINT. */
const STOPPED = 130;

export type RunspaceOptions = {
  readonly remoting: Remoting;
  readonly host: Host;
  /** The shell's own session, where lines that are not ours go. */
  readonly localSession?: PSSession | undefined;
  readonly commands?: CommandTable;
};

/** The state in which lines of the command language run: commands, errors, host. */
export class Runspace {
  readonly commands: CommandTable;
  readonly host: Host;
  readonly remoting: Remoting;
  readonly localSession: PSSession | undefined;
  /** Error records, newest first. */
  readonly errors: ErrorRecord[] = [];
  /** 0 when the last line went without an error record, 1 when not, 130 when it was stopped. */
  lastStatus = 0;
  /** N of `exit N`, once such a statement ran. */
  exitStatus: number | undefined;

  constructor({ remoting, host, localSession, commands = new CommandTable() }: RunspaceOptions) {
    this.remoting = remoting;
    this.host = host;
    this.localSession = localSession;
    this.commands = commands;
  }

  /** True for a line that begins with a cmdlet or alias of ours, in any case; all others are the shell's. */
  owns(line: string): boolean {
    return ownsLine(line, this.commands);
  }

  /** True for a line of ours that more text could complete: an open string, a comma at the end. */
  isIncomplete(line: string): boolean {
    return parse(line).errors[0]?.incomplete ?? false;
  }

  /** Runs a line, and writes its results and errors to the host. An abort ends it without a message. */
  async run(line: string, signal: AbortSignal): Promise<void> {
    const { script, errors } = parse(line);
    const [error] = errors;
    this.lastStatus = 0;
    if (error !== undefined) {
      this.#addError(new ErrorRecord('ParseError', 'InvalidArgument', error.message, { cause: error }));
      this.host.writeError(formatParseError(line, error));
      return;
    }
    for (const statement of script.statements) {
      if (statement.kind === 'exit') return this.#exit(statement);
      await this.#runPipeline(statement, signal);
      if (signal.aborted) return;
    }
  }

  async #runPipeline(pipeline: Pipeline, signal: AbortSignal): Promise<void> {
    const { host, remoting, commands } = this;
    const services: CommandServices = { host, remoting, commands, addError: (record) => this.#addError(record) };
    try {
      await writeOutput(runPipeline(pipeline, services, signal), (text) => host.write(text));
    } catch (error) {
      if (signal.aborted) this.lastStatus = STOPPED;
      else this.#report(ErrorRecord.from(error));
    }
  }

  #exit({ status }: ExitStatement): void {
    try {
      this.exitStatus = status === undefined ? 0 : int32.convert(evaluateArgument(status));
    } catch (error) {
      this.#report(ErrorRecord.from(error));
      this.exitStatus = 1;
    }
  }

  #report(record: ErrorRecord): void {
    this.#addError(record);
    this.host.writeError(formatError(record));
  }

  #addError(record: ErrorRecord): void {
    this.lastStatus = 1;
    this.errors.unshift(record);
    this.errors.length = Math.min(this.errors.length, MAX_ERRORS);
  }
}
