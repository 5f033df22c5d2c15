import { isatty } from 'node:tty';
import { RemotingError } from '@holdfast/protocol';
import type { PSSession } from './client/ps-session.ts';
import { chosenIndex, readChoices, type Choices } from './runtime/choices.ts';
import { ErrorRecord } from './runtime/error-record.ts';
import type { Host, Question } from './runtime/host.ts';
import { readSecret } from './cli/read-secret.ts';

/** The standard streams as the runtime's host, without Ink: questions are asked on stderr, and only on a terminal. */
export class ConsoleHost implements Host {
  readonly interactive = isatty(0) && isatty(2);
  readonly canEnter = false;
  readonly entered: PSSession | undefined = undefined;

  // A terminal that does not know its size says 0.
  get columns(): number {
    return process.stdout.isTTY ? process.stdout.columns || 80 : Infinity;
  }

  get errorColumns(): number {
    return process.stderr.isTTY ? process.stderr.columns || 80 : Infinity;
  }

  get rows(): number {
    return process.stdout.isTTY ? process.stdout.rows || 24 : Infinity;
  }

  write(text: string): void {
    process.stdout.write(text);
  }

  writeError(text: string): void {
    process.stderr.write(text);
  }

  /** An empty answer is the default; one that is no choice is asked again. @throws RemotingError OperationStopped on Ctrl+C, Ctrl+D */
  async confirm(question: Question, signal: AbortSignal): Promise<number> {
    const choices = readChoices(question);
    // Hardly ever asked, and slow to load.
    const { createInterface } = await import('node:readline/promises');
    using reader = createInterface({ input: process.stdin, output: process.stderr });
    const closed = Promise.withResolvers<never>();
    reader.once('close', () => closed.reject(new RemotingError('OperationStopped', 'The question was not answered')));
    // Whoever waits for an answer hears of it; after the answer nobody does.
    closed.promise.catch(() => {});
    for (;;) {
      const text = reader.question(promptOf(question, choices), { signal });
      const answer = (await Promise.race([text, closed.promise])).trim();
      const index = chosenIndex(answer, choices, question.default);
      if (index !== undefined) return index;
      if (answer === '?') process.stderr.write(choices.help);
    }
  }

  readSecret(prompt: string, signal: AbortSignal): Promise<string> {
    return readSecret(prompt, signal);
  }

  enter(): Promise<void> {
    return Promise.reject(unsupported());
  }

  leave(): Promise<void> {
    return Promise.reject(unsupported());
  }
}

/** Yes and no in ssh's form, more choices in PowerShell's. */
function promptOf(question: Question, { keys, prompt }: Choices): string {
  if (question.caption === '') {
    const letters = keys.map((key, index) => (index === question.default ? key.toUpperCase() : key));
    return `${question.text} [${letters.join('/')}] `;
  }
  return `\n${question.caption}\n${question.text}\n${prompt}`;
}

function unsupported(): ErrorRecord {
  const message = 'The host does not support Enter-PSSession and Exit-PSSession.';
  return new ErrorRecord('HostDoesNotSupportPushRunspace', 'InvalidArgument', message);
}
