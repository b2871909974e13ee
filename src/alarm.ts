/**
 * The alarm: how anything outside the relay's loop ends its wait.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** A wait that can be cut short; a ring between two waits is not lost. */
export class Alarm {
  readonly #clock: Clock;
  #rung = false;
  #waiting: AbortController | null = null;

  /** Creates a silent alarm. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the wait under way, or the next one at once. */
  ring(): void {
    this.#rung = true;
    this.#waiting?.abort();
  }

  /** Resolves after `ms`, or at the next ring. */
  async wait(ms: number): Promise<void> {
    if (!this.#rung) {
      this.#waiting = new AbortController();
      await this.#clock.sleep(ms, this.#waiting.signal);
      this.#waiting = null;
    }
    this.#rung = false;
  }
}
