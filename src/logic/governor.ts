/**
 * The governor: how much of a connection's window is used, after the broker
 * said that it is too much. Halves at once, grows by one per window: additive
 * increase, multiplicative decrease.
 *
 * @module
 */

/** Follows what the broker bears; over reconnects too. */
export class Governor {
  #limit = Infinity;
  /** Deliveries since the last step up. */
  #credit = 0;
  /** Answers that the last cut still accounts for: what was under way then. */
  #accounted = 0;

  /** The part of a window that may be used; at least 1. */
  windowOf(window: number): number {
    return Math.max(1, Math.min(window, this.#limit));
  }

  /** A connection is open: what it says is no echo of an earlier one. */
  opened(): void {
    this.#accounted = 0;
  }

  /** A message was delivered on a connection with this window. */
  delivered(window: number): void {
    this.#accounted -= 1;
    if (this.#limit === Infinity) return;
    this.#credit += 1;
    if (this.#credit < this.#limit) return;
    this.#credit = 0;
    this.#limit += 1;
    if (this.#limit >= window) this.#limit = Infinity;
  }

  /** Too much was under way; what one window's worth of answers says counts once. */
  cut(window: number): void {
    this.#accounted -= 1;
    if (this.#accounted > 0) return;
    const used = this.windowOf(window);
    this.#limit = Math.max(1, Math.floor(used / 2));
    this.#credit = 0;
    this.#accounted = used;
  }
}
