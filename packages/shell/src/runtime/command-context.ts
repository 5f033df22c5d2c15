import type { Cmdlet, CmdletContext } from './cmdlet.ts';
import type { ActionPreference, CommonArguments } from './common-parameters.ts';
import { ErrorRecord } from './error-record.ts';
import { runBlock } from './execute-block.ts';
import type { Execution } from './execution.ts';
import { callBlock } from './function-call.ts';
import { preferredAction, prefersToConfirm, prefersWhatIf } from './preferences.ts';
import { ShouldProcess } from './should-process.ts';

/** One call of a cmdlet in a pipeline: what -ErrorAction and its relatives say holds for all its objects together. */
export class CallContext {
  readonly #cmdlet: Cmdlet;
  readonly #common: CommonArguments;
  readonly #execution: Execution;
  readonly #shouldProcess: ShouldProcess;

  constructor(cmdlet: Cmdlet, common: CommonArguments, execution: Execution) {
    const { services, signal, scope } = execution;
    this.#cmdlet = cmdlet;
    this.#common = common;
    this.#execution = execution;
    this.#shouldProcess = new ShouldProcess({
      host: services.host,
      signal,
      whatIf: common.whatIf ?? prefersWhatIf(scope),
      confirm: common.confirm ?? prefersToConfirm(cmdlet.confirmImpact ?? 'Medium', scope),
    });
    for (const variable of Object.values(common.variables)) this.#begin(variable);
  }

  /** What a cmdlet gets for one object, or for all. */
  context(parameterSet: string, input?: AsyncIterable<unknown>): CmdletContext {
    const { services, signal, streams, scope } = this.#execution;
    const { host, remoting, commands } = services;
    const verb = this.#cmdlet.name.slice(0, this.#cmdlet.name.indexOf('-'));
    return {
      host,
      remoting,
      commands,
      signal,
      parameterSet,
      nativeShell: services.nativeShell,
      functions: services.functions,
      jobs: services.jobs,
      scope,
      input: input ?? nothing(),
      hasInput: input !== undefined,
      writeError: (error) => this.writeError(error),
      writeWarning: (text) => {
        this.#note('warning', text);
        const action = this.#common.warningAction ?? preferredAction('WarningPreference', scope);
        if (!isQuiet(action)) streams.warning(text);
      },
      writeInformation: (text) => {
        this.#note('information', text);
        const action = this.#common.informationAction ?? preferredAction('InformationPreference', scope);
        if (host.interactive && !isQuiet(action)) streams.information(text);
      },
      writeVerbose: (text) => {
        if (this.#common.verbose ?? !isQuiet(preferredAction('VerbosePreference', scope))) streams.verbose(text);
      },
      shouldProcess: (target, action = verb) => this.#shouldProcess.ask(target, action),
      invoke: (block, item) => runBlock(block, { ...this.#execution, screen: undefined, scope: scope.withItem(item) }),
      call: (block, values, dotted) => {
        const given = values.map((value) => ({ kind: 'value' as const, value }));
        return callBlock(block, { arguments: given, input, dotted }, { ...this.#execution, screen: undefined });
      },
    };
  }

  /** The results, which -OutVariable keeps as well. */
  async *collecting(results: AsyncIterable<unknown>): AsyncGenerator<unknown> {
    for await (const result of results) {
      this.#note('out', result);
      yield result;
    }
  }

  /** Does with a non-terminating error what -ErrorAction says. @throws the record where that ends the command */
  async writeError(error: unknown): Promise<void> {
    const { services, signal, streams } = this.#execution;
    // A stop is not a failure of one object: it ends the command.
    if (signal.aborted) throw error;
    const record = ErrorRecord.from(error);
    record.cmdlet ??= this.#cmdlet.name;
    this.#note('error', record);
    const errorAction = this.#common.errorAction ?? preferredAction('ErrorActionPreference', this.#execution.scope);
    services.outcome.succeeded = false;
    if (errorAction === 'Ignore') return;
    record.endsLine = errorAction === 'Stop' || errorAction === 'Suspend' || errorAction === 'Break';
    if (record.endsLine) throw record;
    if (errorAction === 'Inquire' && !(await this.#shallContinue(record))) throw record;
    if (errorAction === 'SilentlyContinue') services.addError(record);
    else streams.error(record);
  }

  async #shallContinue(record: ErrorRecord): Promise<boolean> {
    const { services, signal } = this.#execution;
    if (!services.host.interactive) return false;
    const choices = ['&Yes', '&Halt Command'];
    const question = { caption: 'Confirm', text: record.message, choices, default: 0 };
    return (await services.host.confirm(question, signal)) === 0;
  }

  /** `+name` adds to what the variable holds. */
  #begin(variable: string): void {
    if (!variable.startsWith('+')) this.#execution.scope.set(variable, []);
  }

  #note(stream: keyof CommonArguments['variables'], value: unknown): void {
    const variable = this.#common.variables[stream]?.replace(/^\+/u, '');
    if (variable === undefined) return;
    const { scope } = this.#execution;
    const before = scope.get(variable);
    scope.set(variable, [...(Array.isArray(before) ? before : before === undefined ? [] : [before]), value]);
  }
}

function isQuiet(action: ActionPreference): boolean {
  return action === 'Ignore' || action === 'SilentlyContinue';
}

async function* nothing(): AsyncGenerator<unknown> {}
