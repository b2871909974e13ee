/**
 * Lagging lanes: those that have something unread in the store. They are read
 * on their own, and common reads leave their keys out.
 *
 * @module
 */

import type { Lane } from "./lane.ts";

/** Every lane that lags. */
export class LaggingLanes {
  readonly #keys: Set<string> = new Set();
  /** Those that should be read next. */
  readonly #behind: Set<Lane> = new Set();
  /** Those that are read beyond what the common read has reached. */
  readonly #ahead: Set<Lane> = new Set();

  /** Their keys. */
  keys(): readonly string[] {
    return [...this.#keys];
  }

  /** The next lane to be read, or `null`. */
  next(): Lane | null {
    for (const lane of this.#behind) return lane;
    return null;
  }

  /** The lane goes on in the store from `seq`. */
  leave(lane: Lane, seq: number): void {
    lane.unreadFrom = seq;
    if (lane.key !== null) this.#keys.add(lane.key);
  }

  /** The lane has nothing unread that is known of. */
  catchUp(lane: Lane): void {
    lane.unreadFrom = null;
    if (lane.key !== null) this.#keys.delete(lane.key);
  }

  /** The lane should be read next. */
  want(lane: Lane): void {
    this.#ahead.delete(lane);
    this.#behind.add(lane);
  }

  /** The lane should be read when the common read has reached it. */
  wantLater(lane: Lane): void {
    this.#behind.delete(lane);
    this.#ahead.add(lane);
  }

  /** The lane need not be read at present. */
  unwant(lane: Lane): void {
    this.#behind.delete(lane);
    this.#ahead.delete(lane);
  }

  /** Lanes that the common read has reached. */
  reachedBy(cursor: number): readonly Lane[] {
    return [...this.#ahead].filter(({ unreadFrom }) =>
      unreadFrom === null || unreadFrom <= cursor + 1
    );
  }
}
