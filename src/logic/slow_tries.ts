/**
 * Slow tries: which of those under way have taken long, told once each.
 *
 * @module
 */

/** The tries that are under way and not told yet, in the order in which they began. */
export class SlowTries<Try> {
  readonly #slowMs: number;
  /** When each becomes slow (monotonic ms). */
  readonly #dueMs: Map<Try, number> = new Map();

  /** Watches over nothing yet; a try is slow after so many ms. */
  constructor(slowMs: number) {
    this.#slowMs = slowMs;
  }

  /** When the next one becomes slow (monotonic ms), or `Infinity`. */
  get nextDueMs(): number {
    for (const dueMs of this.#dueMs.values()) return dueMs;
    return Infinity;
  }

  /** A try begins. */
  begun(one: Try, nowMs: number): void {
    this.#dueMs.set(one, nowMs + this.#slowMs);
  }

  /** A try is over. */
  ended(one: Try): void {
    this.#dueMs.delete(one);
  }

  /** Hands out those that have become slow since it was asked last. */
  take(nowMs: number): readonly Try[] {
    const slow: Try[] = [];
    for (const [one, dueMs] of this.#dueMs) {
      if (dueMs > nowMs) break;
      slow.push(one);
      this.#dueMs.delete(one);
    }
    return slow;
  }
}
