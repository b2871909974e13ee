/**
 * Failed tries: how often a message failed, remembered over its redeliveries.
 *
 * @module
 */

/** What is remembered of a message. */
export interface Tries {
  /** Failed ones; what is nobody's fault adds none. */
  readonly count: number;
  /** Failed ones, whoever's fault it was: the wait grows with them. */
  readonly inARow: number;
  /** Monotonic ms before which it is not tried again. */
  readonly notBeforeMs: number;
}

const NONE: Tries = { count: 0, inARow: 0, notBeforeMs: -Infinity };

/** A memory that holds so many messages; the oldest are forgotten first. */
export class FailedTries {
  readonly #byName: Map<string, Tries> = new Map();
  readonly #limit: number;

  /** Remembers nothing yet. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** What is remembered of a message. */
  of(name: string): Tries {
    return this.#byName.get(name) ?? NONE;
  }

  /** Remembers; those of the oldest begin to count anew. */
  remember(name: string, tries: Tries): void {
    this.#byName.delete(name);
    this.#byName.set(name, tries);
    for (const oldest of this.#byName.keys()) {
      if (this.#byName.size <= this.#limit) return;
      this.#byName.delete(oldest);
    }
  }

  /** The message is done with. */
  forget(name: string): void {
    this.#byName.delete(name);
  }
}
