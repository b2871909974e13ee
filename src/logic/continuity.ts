/**
 * Continuity: whether a message follows the last one of its key.
 *
 * The position counts the messages of a key without a gap, from 1 on. The
 * sequence only ascends, as messages of other keys lie between.
 *
 * @module
 */

import type { LaneProgress } from "../inbox_storage.ts";

/** How a message follows the last one. */
export type Continuity =
  | { readonly kind: "next" }
  | {
    readonly kind: "gap";
    readonly expected: number;
    readonly found: number;
    readonly missing: number;
  }
  | {
    readonly kind: "reordered";
    readonly by: "position" | "seq";
    readonly last: number;
    readonly found: number;
  };

/** How a message follows what is known of its key. What is not told, is not judged. */
export function continuityOf(
  last: LaneProgress | null,
  found: LaneProgress,
): Continuity {
  if (last === null) return NEXT;
  const late = isLate(last.seq, found.seq);
  if (last.position !== null && found.position !== null) {
    return byPosition(last.position, found.position, late);
  }
  if (late !== true) return NEXT;
  return {
    kind: "reordered",
    by: "seq",
    last: last.seq as number,
    found: found.seq as number,
  };
}

/** How far a key has come after a message; never back, unless it is counted anew. */
export function advanced(
  last: LaneProgress | null,
  found: LaneProgress,
): LaneProgress {
  if (last === null) return found;
  if (continuityOf(last, found).kind === "reordered") return last;
  return {
    position: found.position ?? last.position,
    seq: found.seq ?? last.seq,
  };
}

const NEXT: Continuity = { kind: "next" };

function isLate(last: number | null, found: number | null): boolean | null {
  return last === null || found === null ? null : found <= last;
}

/**
 * A producer that forgot a key counts it from 1 again: a higher sequence tells
 * it from a message that comes late. Without one, position 1 is a beginning.
 */
function byPosition(
  last: number,
  found: number,
  late: boolean | null,
): Continuity {
  const behind = found <= last;
  const anew = behind && (late === false || (late === null && found === 1));
  if (behind && !anew) {
    return { kind: "reordered", by: "position", last, found };
  }
  const expected = anew ? 1 : last + 1;
  if (found === expected) return NEXT;
  return { kind: "gap", expected, found, missing: found - expected };
}
