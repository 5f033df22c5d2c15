const MOST = 4096;
const MOST_OUTCOMES = 100_000;

/** The inputs that others are made of: those given, and each that had an outcome of its own. */
export class Population {
  readonly inputs: Buffer[];
  readonly #outcomes = new Set<number>();
  #oldest: number;

  constructor(inputs: readonly Buffer[]) {
    this.inputs = [...inputs];
    this.#oldest = inputs.length;
  }

  /** Different outcomes that were seen. */
  get outcomes(): number {
    return this.#outcomes.size;
  }

  /** Keeps `input` if nothing else came to `outcome`, in the place of the oldest where there are too many. */
  consider(input: Buffer, outcome: string): void {
    const hash = hashOf(outcome);
    if (this.#outcomes.has(hash) || this.#outcomes.size >= MOST_OUTCOMES) return;
    this.#outcomes.add(hash);
    // Not of Node's pool: the few bytes would keep tens of kilobytes.
    const kept = Buffer.alloc(input.length);
    kept.set(input);
    if (this.inputs.length < MOST) {
      this.inputs.push(kept);
    } else {
      this.inputs[this.#oldest] = kept;
      this.#oldest = this.#oldest + 1 < MOST ? this.#oldest + 1 : MOST >> 1;
    }
  }
}

/** FNV-1a: the texts themselves would be most of a long run's memory. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
