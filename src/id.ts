/**
 * Message ids: UUIDs of version 7.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import { FIRST_TICK, formatUuid, nextTick } from "./logic/uuid.ts";
import type { Random } from "./random.ts";

/**
 * Returns a function that makes ids, each above the one before, also while the
 * wall clock stands still or goes back.
 *
 * @example
 * ```ts
 * const newId = createIds({ clock: systemClock(), random: systemRandom() });
 * newId(); // "0198c2f6-5b1a-7c3d-9a41-0f6d2f3b7e10"
 * ```
 */
export function createIds(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): () => string {
  let tick = FIRST_TICK;
  return () => {
    const bytes = random.bytes(10);
    const view = new DataView(bytes.buffer, bytes.byteOffset, 10);
    tick = nextTick(tick, { nowMs: clock.nowMs(), seed: view.getUint32(0) });
    return formatUuid(tick, view.getUint32(4) * 2 ** 16 + view.getUint16(8));
  };
}
