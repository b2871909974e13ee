/**
 * Lives: how old messages are in truth, by the timeline that nobody moves.
 *
 * @module
 */

import type { Timeline } from "./timeline.ts";

/** One message with a time to live. */
export interface Life {
  readonly ttlMs: number;
  /** How old it is at the most; a wall clock shows whole milliseconds. */
  readonly ageMs: number;
}

/** The lives of all messages. */
export class Lives {
  readonly #timeline: Timeline;
  readonly #begun = new Map<string, { ttlMs: number; sinceMs: number }>();

  /** Whether the wall clock was moved: messages may live longer than they should. */
  isClockMoved = false;

  /** Nobody lives yet. */
  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** A message is made. */
  begin(id: string, ttlMs: number | null): void {
    if (ttlMs === null) return;
    this.#begun.set(id, { ttlMs, sinceMs: this.#timeline.nowMs() });
  }

  /** How a message is doing; one that lives for ever is young. */
  of(id: string): Life {
    const begun = this.#begun.get(id);
    if (begun === undefined) return { ttlMs: Infinity, ageMs: 0 };
    const { ttlMs, sinceMs } = begun;
    return { ttlMs, ageMs: Math.ceil(this.#timeline.nowMs() - sinceMs) + 1 };
  }

  /** By how much it is too late to send a message, as far as it can be told. */
  lateMs(id: string): number {
    const { ttlMs, ageMs } = this.of(id);
    return this.isClockMoved ? 0 : Math.max(0, ageMs - 1 - ttlMs);
  }
}
