import type { PSSession } from '../../client/ps-session.ts';
import type { Host, LentTerminal, Question, TerminalBorrower } from '../host.ts';

/** A host without a terminal that keeps what is written and gives the answers that it was told. */
export class RecordingHost implements Host {
  columns = 120;
  /** As where standard error is a file. */
  errorColumns = Infinity;
  readonly rows = 40;
  interactive = false;
  canEnter = true;
  output = '';
  errors = '';
  entered: PSSession | undefined;
  /** A test that has a terminal gives it. */
  declare lendTerminal?: (borrower: TerminalBorrower) => LentTerminal;
  /** Indexes of the choices to take, in order. */
  answers: number[] = [];
  readonly questions: Question[] = [];

  write(text: string): void {
    this.output += text;
  }

  writeError(text: string): void {
    this.errors += text;
  }

  confirm(question: Question): Promise<number> {
    this.questions.push(question);
    return Promise.resolve(this.answers.shift() ?? question.default);
  }

  readSecret(): Promise<string> {
    return Promise.resolve('');
  }

  enter(session: PSSession): Promise<void> {
    this.entered = session;
    return Promise.resolve();
  }

  leave(): Promise<void> {
    this.entered = undefined;
    return Promise.resolve();
  }

  /** What was written since the last call: lines with blanks collapsed, empty ones left out. */
  take(): { output: string[]; errors: string[] } {
    const taken = { output: lines(this.output), errors: lines(this.errors) };
    this.output = '';
    this.errors = '';
    return taken;
  }
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.replaceAll(/ +/gu, ' ').trim())
    .filter((line) => line !== '');
}
