import { RemotingError, WINDOW_BYTES, type RequestOf } from '@holdfast/protocol';
import type { Attachment } from './attachment.ts';
import type { SessionProgram } from './session-program.ts';

/** Where what is shown begins, whether a snapshot comes first, and how many undelivered bytes it stands for. */
type Begun = { from: number; snapshot: boolean; notShown: number };

/** Delivers a program's output: to the keyboard's holder all of it, to watchers the screen. */
export class Showing {
  readonly #program: SessionProgram;

  constructor(program: SessionProgram) {
    this.#program = program;
  }

  /** As Session.show; the size is right by now. @throws RemotingError OperationStopped */
  async begin(attachment: Attachment, turn: number, request: RequestOf<'session.show'>): Promise<Begun> {
    const { output } = this.#program;
    const { columns, rows, after } = request;
    if (attachment.role === 'watching') {
      attachment.watch({ columns, rows });
      return { from: output.end, snapshot: true, notShown: 0 };
    }
    if (after === undefined) return this.beginAnew(attachment, turn);
    const from = Math.min(output.end, Math.max(output.start, after));
    if (request.terminal === false) this.#program.questions.nobodyLooks(attachment);
    else this.#program.questions.terminalLooks(attachment, output.end);
    attachment.show(from, request.limit ?? from + WINDOW_BYTES.initial);
    return { from, snapshot: false, notShown: 0 };
  }

  /** Shows a snapshot and what follows it to the holder. @throws RemotingError OperationStopped */
  async beginAnew(attachment: Attachment, turn: number): Promise<Begun> {
    const { offset, bytes } = await this.#program.screen.snapshot();
    if (!attachment.isCurrent(turn)) throw new RemotingError('OperationStopped', 'Another request came between');
    const { output } = this.#program;
    const from = Math.max(offset, output.start);
    const notShown = Math.max(0, from - output.delivered);
    this.#program.questions.terminalLooks(attachment, offset);
    attachment.show(from, from + WINDOW_BYTES.initial, bytes);
    output.deliver(attachment.acknowledged);
    this.#program.pace();
    return { from, snapshot: true, notShown };
  }

  /** The holder does not look any more. */
  end(attachment: Attachment): void {
    attachment.hide();
    if (attachment.role === 'watching') return;
    this.#program.questions.nobodyLooks(attachment);
    this.#program.pace();
  }
}
