/** What somebody may use: so many bytes at once, and then so many a second. What was used beyond it is waited for. */
export class Allowance {
  readonly #most: number;
  readonly #perSecond: number;
  #left: number;
  #at = performance.now();

  constructor(limits: { bytes: number; bytesPerSecond: number }) {
    this.#most = limits.bytes;
    this.#left = limits.bytes;
    this.#perSecond = limits.bytesPerSecond;
  }

  /** Milliseconds until something is left; 0 when it is. */
  get waitMs(): number {
    this.#refill();
    return this.#left > 0 ? 0 : Math.ceil(((1 - this.#left) / this.#perSecond) * 1000);
  }

  /** Notes what was used, be it more than there was. */
  spend(bytes: number): void {
    this.#refill();
    this.#left -= bytes;
  }

  #refill(): void {
    const now = performance.now();
    this.#left = Math.min(this.#most, this.#left + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
  }
}
