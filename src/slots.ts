/**
 * Slots: so many pieces of work at a time, the others in the order they came.
 *
 * @module
 */

/** A counting semaphore. */
export class Slots {
  #free: number;
  readonly #queue: (() => void)[] = [];

  /** Creates `count` free slots. */
  constructor(count: number) {
    this.#free = count;
  }

  /** Runs the work when a slot is free; does what the work does. */
  async use<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
