/**
 * Waiting lanes: those that may not go on before an instant, or before an
 * operator says so.
 *
 * @module
 */

import type { Block, Lane } from "./lane.ts";

/** Every lane that waits. */
export class WaitingLanes {
  readonly #lanes: Set<Lane> = new Set();
  #nextDueMs = Infinity;

  /** How many there are. */
  get count(): number {
    return this.#lanes.size;
  }

  /** When the next of them may try again (monotonic ms), or `Infinity`. */
  get nextDueMs(): number {
    return this.#nextDueMs;
  }

  /** A lane waits from now on, whatever it waited for before. */
  add(lane: Lane, block: Block): void {
    lane.block = block;
    this.#lanes.add(lane);
    if (block === "held") return;
    this.#nextDueMs = Math.min(this.#nextDueMs, block.untilMs);
  }

  /** A lane waits no longer. */
  remove(lane: Lane): void {
    lane.block = null;
    this.#lanes.delete(lane);
  }

  /** Removes the lanes whose time has come, and returns them. */
  takeDue(nowMs: number): readonly Lane[] {
    if (nowMs < this.#nextDueMs) return [];
    this.#nextDueMs = Infinity;
    const due: Lane[] = [];
    for (const lane of this.#lanes) {
      if (lane.block === null || lane.block === "held") continue;
      if (lane.block.untilMs <= nowMs) due.push(lane);
      else this.#nextDueMs = Math.min(this.#nextDueMs, lane.block.untilMs);
    }
    for (const lane of due) this.remove(lane);
    return due;
  }
}
