/**
 * The alarm: how anything outside the relay's loop ends its wait.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** Given with every abort: making up a reason costs more than the whole wait. */
const RUNG = "The alarm rang";

/** A wait that can be cut short; a ring between two waits is not lost. */
export class Alarm {
  readonly #clock: Clock;
  #rung = false;
  /** Ends a wait; used again until it has rung. */
  #bell = new AbortController();

  /** Creates a silent alarm. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Ends the wait under way, or the next one at once. */
  ring(): void {
    this.#rung = true;
    this.#bell.abort(RUNG);
  }

  /** Resolves after `ms`, or at the next ring. */
  async wait(ms: number): Promise<void> {
    if (!this.#rung) {
      if (this.#bell.signal.aborted) this.#bell = new AbortController();
      await this.#clock.sleep(ms, this.#bell.signal);
    }
    this.#rung = false;
  }
}
