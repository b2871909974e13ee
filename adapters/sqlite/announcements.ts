/**
 * Announcements: what is enqueued in this process, told to its relays.
 *
 * @module
 */

/** Tells those who listen that a commit may follow. */
export class Announcements {
  readonly #listeners = new Set<() => void>();

  /** Calls back at every announcement; returns what ends that. */
  listen(onChange: () => void): () => void {
    const listener = () => onChange();
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Tells everybody. */
  announce(): void {
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch {
        // The message is stored: whoever fails to hear of it finds it later.
      }
    }
  }
}
