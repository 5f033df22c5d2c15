import type { Host } from './host.ts';

/** As PowerShell's prompt has them (about_Preference_Variables, $ConfirmPreference). */
const CHOICES = ['&Yes', 'Yes to &All', '&No', 'No to A&ll', '&Suspend'];
const HELP = [
  'Continue with only the next step of the operation.',
  'Continue with all the steps of the operation.',
  'Skip this operation and proceed with the next operation.',
  'Skip this operation and all subsequent operations.',
  'Pause the current pipeline and return to the command prompt. Type "exit" to resume the pipeline.',
];
const YES_TO_ALL = 1;
const NO_TO_ALL = 3;
const SUSPEND = 4;

export type ShouldProcessOptions = {
  readonly host: Host;
  readonly whatIf: boolean;
  readonly confirm: boolean;
  readonly signal: AbortSignal;
};

/** Decides for each target of one command whether its action is done: -WhatIf says no to all, -Confirm asks. */
export class ShouldProcess {
  readonly #options: ShouldProcessOptions;
  #answerToAll: boolean | undefined;

  constructor(options: ShouldProcessOptions) {
    this.#options = options;
  }

  /** @returns true when the action may be done; without anybody to ask, -Confirm means no */
  async ask(target: string, action: string): Promise<boolean> {
    const { host, whatIf, confirm, signal } = this.#options;
    const operation = `Performing the operation "${action}" on target "${target}".`;
    if (whatIf) {
      host.write(`What if: ${operation}\n`);
      return false;
    }
    if (!confirm || this.#answerToAll !== undefined) return this.#answerToAll ?? true;
    if (!host.interactive) {
      host.writeError(`Not done, since nobody can be asked: ${operation}\n`);
      return false;
    }
    const text = `Are you sure you want to perform this action?\n${operation}`;
    const question = { caption: 'Confirm', text, choices: CHOICES, help: HELP, default: 0 };
    let answer = await host.confirm(question, signal);
    while (answer === SUSPEND) {
      if (host.suspend === undefined) host.writeError('There is no prompt here to return to.\n');
      await host.suspend?.();
      answer = await host.confirm(question, signal);
    }
    if (answer === YES_TO_ALL || answer === NO_TO_ALL) this.#answerToAll = answer === YES_TO_ALL;
    return answer <= YES_TO_ALL;
  }
}
