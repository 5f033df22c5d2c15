import type { Screen } from '../terminal/screen.ts';

/** One who looks, or looked; everything below `acknowledged` is known to have come to its terminal. */
type Looker = { readonly acknowledged: number };

/**
 * Who answers what programs ask their terminal (DA, DSR, colours ...): the terminal of the one who looks, else this side,
 * each question once.
 */
export class Questions {
  readonly #screen: Screen;
  readonly #reply: (bytes: Buffer) => void;
  #terminalLooks = false;

  /** Nobody looks at first. @param reply types an answer */
  constructor(screen: Screen, reply: (bytes: Buffer) => void) {
    this.#screen = screen;
    this.#reply = reply;
    screen.answerQueries(reply);
  }

  /** A terminal is shown what is behind `at`; this side answers what none was given before. */
  terminalLooks({ acknowledged }: Looker, at: number): void {
    this.#terminalLooks = true;
    this.#screen.expectNoAnswers();
    this.#screen.answerQueries(this.#reply, acknowledged);
    this.#screen.stopAnswering(at);
  }

  /** Nobody looks any more, or no terminal does. */
  nobodyLooks({ acknowledged }: Looker): void {
    this.#terminalLooks = false;
    this.#screen.answerQueries(this.#reply, acknowledged);
  }

  /** Nobody waits for an answer that may be lost, or be on its way: this side gives it. */
  linkLost({ acknowledged }: Looker): void {
    if (this.#terminalLooks) this.#screen.answerQueries(this.#reply, acknowledged);
  }

  /** The terminal that looked is there again; behind `at` it answers, and what it was asked before comes too late. */
  linkBack({ acknowledged }: Looker, at: number): void {
    if (this.#terminalLooks) this.#screen.stopAnswering(at, acknowledged);
  }

  /** Ctrl-C: what was not shown yet is not shown any more, and not answered. */
  interrupted(): void {
    this.#screen.expectNoAnswers();
  }

  /** The output behind an offset whose questions this side answered, before a terminal looked again. */
  answeredBehind(from: number): { from: number; to: number }[] {
    return this.#terminalLooks ? this.#screen.answeredBehind(from) : [];
  }
}
