/**
 * Progress: something that goes on step by step, and can be waited for.
 *
 * @module
 */

interface Waiter {
  left: number;
  readonly resolve: () => void;
}

/** Counts steps for those who wait for them. */
export class Progress {
  readonly #waiters = new Set<Waiter>();

  /** One step more. */
  step(): void {
    for (const waiter of this.#waiters) {
      waiter.left -= 1;
      if (waiter.left <= 0) waiter.resolve();
    }
  }

  /** Resolves at the very moment of so many steps more, or after a time. */
  after(steps: number, withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        left: steps,
        resolve: () => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve();
        },
      };
      const timer = setTimeout(waiter.resolve, withinMs);
      this.#waiters.add(waiter);
    });
  }
}
