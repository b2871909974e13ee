/**
 * A lane: what is known of the messages of one key.
 *
 * @module
 */

import type { Message } from "../message.ts";
import { Convoy } from "./convoy.ts";

/** A key, or the sequence of a message without one. */
export type LaneId = string | number;

/** Why a lane waits: until an instant (monotonic ms), or for an operator. */
export type Block = { readonly untilMs: number } | "held";

/** All messages of one key, in commit order. */
export interface Lane {
  readonly id: LaneId;
  readonly key: string | null;
  /** Read and not handed out; ascending. */
  readonly queue: Message[];
  /** Handed out, outcome not yet recorded. */
  readonly convoy: Convoy;
  block: Block | null;
  /** The first message that is left in the store, or `null` when none is known. */
  unreadFrom: number | null;
  /** Whether one goes at a time, as the last outcome was a refusal. */
  isCautious: boolean;
}

/** A lane that knows nothing yet; without a key it is called by a sequence. */
export function emptyLane(key: string | null, seq: number): Lane {
  return {
    id: key ?? seq,
    key,
    queue: [],
    convoy: new Convoy(),
    block: null,
    unreadFrom: null,
    isCautious: false,
  };
}

/** Whether nothing is known of the lane. */
export function isUnused(lane: Lane): boolean {
  const { queue, convoy, block, unreadFrom } = lane;
  return queue.length === 0 && convoy.isEmpty && block === null &&
    unreadFrom === null;
}
