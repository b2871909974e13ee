/**
 * The last position of each key, as a memory database remembers it.
 *
 * @module
 */

interface Counter {
  readonly position: number;
  readonly seq: number;
}

/** Counts the messages of each key. */
export class MemoryPositions {
  readonly #counters = new Map<string, Counter>();
  /** Keys that have not had their turn yet to be looked at. */
  #waiting: string[] = [];

  /** Takes the next position of a key, for the message of a sequence. */
  next(key: string, seq: number): number {
    const position = (this.#counters.get(key)?.position ?? 0) + 1;
    this.#counters.set(key, { position, seq });
    return position;
  }

  /** Looks at the next `limit` keys; tells how many of them it forgot. */
  forget(countedBefore: number, limit: number): number {
    if (this.#waiting.length === 0) this.#waiting = [...this.#counters.keys()];
    let forgotten = 0;
    for (const key of this.#waiting.splice(0, limit)) {
      const counter = this.#counters.get(key);
      if (counter === undefined || counter.seq >= countedBefore) continue;
      this.#counters.delete(key);
      forgotten++;
    }
    return forgotten;
  }
}
