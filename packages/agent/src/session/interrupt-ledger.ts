/** Where the display may go on after an interrupt, and how much input it dropped. */
export type Interrupted = { skipTo: number; inputDropped: number };

/** Interrupts whose answers are remembered. */
const KEPT_ANSWERS = 64;

/** The interrupts of one attachment: one that is asked for again, its answer being lost, must not hit the next command. */
export class InterruptLedger {
  readonly #answers = new Map<string, Interrupted>();

  /** Does `interrupt` unless it was done under this id; gives the answer of the first time. */
  once(interruptId: string | undefined, interrupt: () => Interrupted): Interrupted {
    const known = interruptId === undefined ? undefined : this.#answers.get(interruptId);
    if (known !== undefined) return known;
    const answer = interrupt();
    if (interruptId !== undefined) this.#remember(interruptId, answer);
    return answer;
  }

  #remember(interruptId: string, answer: Interrupted): void {
    this.#answers.set(interruptId, answer);
    const [oldest = interruptId] = this.#answers.keys();
    if (this.#answers.size > KEPT_ANSWERS) this.#answers.delete(oldest);
  }
}
