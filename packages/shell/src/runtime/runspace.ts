import { CommandLeftRunning } from '../client/or-stopped.ts';
import type { PSSession } from '../client/ps-session.ts';
import type { Remoting } from '../client/remoting.ts';
import { formatError, formatParseError } from '../formatting/error-view.ts';
import { wrapText } from '../formatting/wrap-text.ts';
import { writeOutput } from '../formatting/output.ts';
import { printable } from '../formatting/value-text.ts';
import { endOfFirstLines } from '../language/first-lines.ts';
import { tokensOf } from '../language/highlight.ts';
import type { ParseError } from '../language/parse-error.ts';
import { parse } from '../language/parser.ts';
import type { Script } from '../language/syntax-tree.ts';
import type { Token } from '../language/tokens.ts';
import { CommandTable } from './command-table.ts';
import { whatActsHere } from './entered-line.ts';
import { ErrorList } from './error-list.ts';
import { ErrorRecord } from './error-record.ts';
import { runStatements } from './execute.ts';
import type { Execution, Outcome, ScreenOutput, Services, Streams } from './execution.ts';
import { Flow } from './flow.ts';
import { bindParameters } from './function-call.ts';
import { FunctionTable } from './function-table.ts';
import type { Host } from './host.ts';
import { JobTable } from './job-table.ts';
import { ownsLine } from './owns-line.ts';
import type { NativeShell } from './native-shell.ts';
import { definePreferences } from './preferences.ts';
import { Scope } from './scope.ts';
import type { ScriptFile } from './script-file.ts';
import { SpawnedShell } from './spawned-shell.ts';

/** Errors kept in `$Error`, newest first. */
const MAX_ERRORS = 256;

/** Exit status of a line that was stopped: 128 + SIGINT. */
const STOPPED = 130;

export type RunspaceOptions = {
  readonly remoting: Remoting;
  readonly host: Host;
  /** The shell's own session, where lines that are not ours go. */
  readonly localSession?: PSSession | undefined;
  readonly commands?: CommandTable;
  /** Where native commands of a pipeline run; children of this process unless given. */
  readonly nativeShell?: NativeShell;
};

/** The state in which lines of the command language run: commands, variables, functions, errors, host. */
export class Runspace {
  readonly commands: CommandTable;
  readonly host: Host;
  readonly remoting: Remoting;
  readonly localSession: PSSession | undefined;
  readonly scope = Scope.global();
  /** Error records, newest first. */
  readonly errors = new ErrorList(MAX_ERRORS);
  /** 0 when the last line went without an error record, 1 when not, 130 when it was stopped. */
  lastStatus = 0;
  /** An error was not caught. */
  failed = false;
  /** An error ended the text. */
  broke = false;
  /** N of `exit N`, once such a statement ran. */
  exitStatus: number | undefined;
  readonly #services: Services;
  readonly #streams: Streams;
  #file: ScriptFile | undefined;
  readonly #outcome: Outcome = { succeeded: true, exitCode: undefined };

  constructor({ remoting, host, localSession, commands, nativeShell = new SpawnedShell() }: RunspaceOptions) {
    this.remoting = remoting;
    this.host = host;
    this.localSession = localSession;
    this.commands = commands ?? new CommandTable();
    this.#services = {
      host,
      remoting,
      nativeShell,
      commands: this.commands,
      functions: new FunctionTable(),
      jobs: new JobTable(),
      outcome: this.#outcome,
      addError: (record) => this.#addError(record),
      keepError: (record) => this.#keepError(record),
    };
    this.#streams = {
      error: (record) => this.#report(record),
      nativeError: (text) => host.writeError(text),
      warning: (text) => this.#tell(`WARNING: ${text}`),
      verbose: (text) => this.#tell(`VERBOSE: ${text}`),
      information: (text) => this.#tell(text),
    };
    this.#defineVariables();
  }

  /** Exit status of the native command that ran last; undefined before the first. */
  get exitCode(): number | undefined {
    return this.#outcome.exitCode;
  }

  /** The shell ran a line of its own: `$LASTEXITCODE` and `$?` are of that. */
  set exitCode(status: number) {
    this.#outcome.exitCode = status;
    this.#outcome.succeeded = status === 0;
  }

  /** What runs in the background. */
  get jobs(): JobTable {
    return this.#services.jobs;
  }

  /** Names of the functions that were defined here. */
  get functionNames(): string[] {
    return this.#services.functions.names;
  }

  /** The exported variables of the shell in which native commands run. */
  environment(): Promise<ReadonlyMap<string, string>> {
    return this.#services.nativeShell.environment();
  }

  /** Whose line it is: ours, or the shell's as it stands. */
  owns(line: string): boolean {
    return ownsLine(line, { commands: this.commands, functions: this.#services.functions, host: this.host });
  }

  /**
   * Index behind the lines of the first statement of a text of ours; undefined where more text could complete it: an open
   * string, a comma at the end.
   */
  endOfFirst(text: string): number | undefined {
    return endOfFirstLines(text);
  }

  /** What a line of ours is made of, for its colours. */
  tokens(line: string): readonly Token[] {
    return tokensOf(line);
  }

  /**
   * Runs a line, or the text of a file, and writes its results and errors to the host. An abort ends it without a message.
   * With a fault nothing of it runs.
   */
  async run(line: string, signal: AbortSignal, file?: ScriptFile): Promise<void> {
    const { script, errors } = parse(line);
    const [error] = errors;
    this.lastStatus = 0;
    this.#file = file;
    if (error !== undefined) return this.#refuse(line, error, file);
    const refusal = await this.#refusal(script);
    if (refusal !== undefined) return this.#report(refusal);
    const screen: ScreenOutput = { flush: () => Promise.resolve() };
    const execution: Execution = {
      services: this.#services,
      scope: this.scope,
      streams: this.#streams,
      signal,
      screen,
      depth: 0,
      file,
      run: runStatements,
    };
    if (file !== undefined && !(await this.#bind(script, file, execution))) return;
    for (const statement of script.statements) {
      try {
        const write = (text: string): void => this.host.write(text);
        await writeOutput(runStatements([statement], execution), write, this.host.columns, screen);
      } catch (thrown) {
        if (signal.aborted) this.#stopped(thrown);
        else if (Flow.is(thrown, 'exit')) this.exitStatus = thrown.status;
        else if (!(thrown instanceof Flow)) this.#break(thrown);
        return;
      }
      if (signal.aborted) {
        this.lastStatus = STOPPED;
        return;
      }
    }
  }

  #refuse(text: string, error: ParseError, file: ScriptFile | undefined): void {
    this.#addError(new ErrorRecord('ParseError', 'InvalidArgument', error.message, { cause: error }));
    if (file !== undefined) file.at = error.span.from;
    const place = file === undefined ? '' : `${printable(file.place.trim())}\n`;
    this.host.writeError(place + formatParseError(text, error, this.#errorColumns));
  }

  /** @returns false when its arguments do not fit */
  async #bind({ parameters }: Script, file: ScriptFile, execution: Execution): Promise<boolean> {
    for (const [name, value] of file.variables) this.scope.set(name, value);
    try {
      await bindParameters(parameters, file.arguments, execution);
      return true;
    } catch (error) {
      this.#break(error);
      return false;
    }
  }

  #break(error: unknown): void {
    this.broke = true;
    this.#report(ErrorRecord.from(error));
  }

  async #refusal(script: Script): Promise<ErrorRecord | undefined> {
    const { entered } = this.host;
    return entered === undefined ? undefined : whatActsHere(script, this.#services, entered.ComputerName);
  }

  #defineVariables(): void {
    const { scope, host } = this;
    definePreferences(scope);
    scope.compute('true', { get: () => true });
    scope.compute('false', { get: () => false });
    scope.compute('null', { get: () => null });
    scope.compute('?', { get: () => this.#outcome.succeeded });
    scope.compute('LASTEXITCODE', {
      get: () => this.#outcome.exitCode,
      set: (value) => (this.#outcome.exitCode = Number(value)),
    });
    scope.compute('Error', { get: () => this.errors });
    scope.compute('PWD', { get: () => this.#services.nativeShell.cwd });
    scope.compute('HOME', { get: () => process.env['HOME'] ?? '' });
    scope.compute('PID', { get: () => process.pid });
    scope.compute('Host', { get: () => ({ Name: 'Holdfast', Interactive: host.interactive }) });
  }

  get #errorColumns(): number {
    return this.host.errorColumns ?? this.host.columns;
  }

  #tell(text: string): void {
    this.host.writeError(`${wrapText(text, this.#errorColumns)}\n`);
  }

  /** A stop is no failure, but what it did not end is told. */
  #stopped(thrown: unknown): void {
    if (thrown instanceof ErrorRecord && thrown.cause instanceof CommandLeftRunning) this.#report(thrown);
    this.lastStatus = STOPPED;
  }

  #report(record: ErrorRecord): void {
    this.#addError(record);
    this.host.writeError(formatError(record, this.#errorColumns, printable(this.#file?.place ?? '')));
  }

  #addError(record: ErrorRecord): void {
    this.lastStatus = 1;
    this.failed = true;
    this.#keepError(record);
  }

  #keepError(record: ErrorRecord): void {
    this.errors.add(record);
  }
}
