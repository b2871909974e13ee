/**
 * Deliveries: which of the messages that arrived may be handled now.
 *
 * Those of one key go one after the other, in order of arrival; a key whose
 * first one failed waits and delays no other key.
 *
 * @module
 */

/** All that arrived of one key and was not handled. */
export interface Strand<Item> {
  readonly key: string | null;
  /** In order of arrival; the first may be under way. */
  readonly items: Item[];
}

interface Entry<Item> extends Strand<Item> {
  isUnderway: boolean;
  /** Monotonic ms before which the first is not tried again. */
  notBeforeMs: number;
}

/** Every key that has something to handle. */
export class Deliveries<Item> {
  readonly #byKey: Map<string, Entry<Item>> = new Map();
  /** In the order in which they became ready. */
  readonly #ready: Set<Entry<Item>> = new Set();
  readonly #waiting: Set<Entry<Item>> = new Set();
  #size = 0;
  #underway = 0;

  /** Messages that are not handled, those under way included. */
  get size(): number {
    return this.#size;
  }

  /** Messages that are being handled. */
  get underway(): number {
    return this.#underway;
  }

  /** Keys that wait to be tried again. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** When the next waiting key may be tried again (monotonic ms), or `Infinity`. */
  get nextDueMs(): number {
    let due = Infinity;
    for (const { notBeforeMs } of this.#waiting) {
      due = Math.min(due, notBeforeMs);
    }
    return due;
  }

  /**
   * Takes in what arrived; without a key it is a strand of its own. What comes
   * first of its key is not tried before `notBeforeMs`.
   */
  add(key: string | null, item: Item, notBeforeMs: number = -Infinity): void {
    this.#size += 1;
    const present = key === null ? undefined : this.#byKey.get(key);
    if (present !== undefined) {
      present.items.push(item);
      return;
    }
    const entry: Entry<Item> = {
      key,
      items: [item],
      isUnderway: false,
      notBeforeMs,
    };
    if (key !== null) this.#byKey.set(key, entry);
    (notBeforeMs > -Infinity ? this.#waiting : this.#ready).add(entry);
  }

  /** Hands out the first message of a strand that may go, or `null`. */
  take(nowMs: number): Strand<Item> | null {
    for (const entry of this.#waiting) {
      if (entry.notBeforeMs > nowMs) continue;
      this.#waiting.delete(entry);
      this.#ready.add(entry);
    }
    const [entry] = this.#ready;
    if (entry === undefined) return null;
    this.#ready.delete(entry);
    entry.isUnderway = true;
    this.#underway += 1;
    return entry;
  }

  /** The first message of a strand is handled: the next may go. */
  handled(strand: Strand<Item>): void {
    const entry = this.#returned(strand);
    entry.items.shift();
    this.#size -= 1;
    this.#goOn(entry);
  }

  /** The first message of a strand failed: it goes again, not before `untilMs`. */
  failed(strand: Strand<Item>, untilMs: number): void {
    const entry = this.#returned(strand);
    entry.notBeforeMs = untilMs;
    this.#waiting.add(entry);
  }

  /** Forgets what is not under way; the broker delivers it again. */
  drop(): void {
    for (const entry of this.#entries()) {
      const kept = entry.isUnderway ? 1 : 0;
      this.#size -= entry.items.length - kept;
      entry.items.length = kept;
      if (kept === 0) this.#goOn(entry);
    }
  }

  #entries(): Set<Entry<Item>> {
    return new Set([
      ...this.#byKey.values(),
      ...this.#ready,
      ...this.#waiting,
    ]);
  }

  #returned(strand: Strand<Item>): Entry<Item> {
    const entry = strand as Entry<Item>;
    entry.isUnderway = false;
    this.#underway -= 1;
    return entry;
  }

  #goOn(entry: Entry<Item>): void {
    if (entry.items.length > 0) {
      if (!this.#waiting.has(entry)) this.#ready.add(entry);
      return;
    }
    this.#ready.delete(entry);
    this.#waiting.delete(entry);
    if (entry.key !== null) this.#byKey.delete(entry.key);
  }
}
