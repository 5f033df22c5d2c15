import type { LentTerminal, TerminalBorrower } from '../runtime/host.ts';
import type { EscapeKey } from '../terminal/escape-key.ts';
import { PassThrough } from '../terminal/pass-through.ts';
import { ReplayFilter } from '../terminal/replay-filter.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Of what the prompt is made of, what lending its terminal takes. */
export type LenderParts = {
  terminal: Terminal;
  escapeKey: EscapeKey;
  /** Whoever has the keyboard gives back what nobody has read. */
  beforeLoan: () => void;
  /** The keyboard goes back to what had it before a question. */
  afterQuestion: () => void;
  /** Ctrl-C at a question stops what asked it. */
  interrupt: () => void;
};

/** Lends the prompt's terminal to what a cmdlet runs elsewhere: no menu, and Ctrl-C stops the cmdlet as it does anyway. */
export function lendTerminal(parts: LenderParts, { write, full }: TerminalBorrower): LentTerminal {
  const { terminal, escapeKey, beforeLoan, afterQuestion, interrupt } = parts;
  let pass: PassThrough | undefined;
  // The host has answered them: a loan begins with a question to a person, not with the terminal's.
  const filter = new ReplayFilter('questions');
  const onEscape = (): void => {
    write(escapeKey.bytes);
    pass?.begin();
  };
  const passed = (): PassThrough => {
    pass ??= new PassThrough({ terminal, escapeKey, program: { write, full, interrupt }, onEscape });
    return pass;
  };
  return {
    output: (bytes, done) => passed().output(filter.push(Buffer.from(bytes)), done),
    begin: () => {
      // What was typed since the question came is its answer.
      beforeLoan();
      passed().begin();
    },
    end: () => {
      if (pass === undefined) return;
      pass.end();
      afterQuestion();
    },
  };
}
