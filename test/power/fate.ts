/**
 * What may become of changes that were not synced when the power went.
 *
 * @module
 */

import type { SeededRandom } from "@mailboat/outbox/testing";
import type { Change, Fate } from "./disk.ts";

/** The kinds of fates. */
export const FATES = ["dropped", "kept", "prefix", "subset", "torn"] as const;

/** One of them. */
export type FateKind = typeof FATES[number];

const SECTOR_BYTES = [512, 4_096] as const;

/**
 * Draws a fate:
 *
 * - `dropped`: nothing reaches the disk, `kept`: everything does;
 * - `prefix`: the disk writes in order, up to some change;
 * - `subset`: each change does or does not;
 * - `torn`: each sector of each write does, does not, leaves zeros where the
 *   file grew, or is damaged.
 *
 * `unsynced` are the serials of the changes at stake, in order.
 */
export function drawFate(
  kind: FateKind,
  random: SeededRandom,
  unsynced: readonly number[],
): Fate {
  switch (kind) {
    case "dropped":
      return () => [];
    case "kept":
      return (change) => [change];
    case "prefix": {
      const end = random.pick([0, ...unsynced]);
      return (change) => change.serial <= end ? [change] : [];
    }
    case "subset": {
      const share = random.fraction();
      return (change) => random.chance(share) ? [change] : [];
    }
    case "torn": {
      const sectorBytes = random.pick(SECTOR_BYTES);
      const share = random.fraction();
      return (change) =>
        change.type === "write"
          ? sectorsOf(change, sectorBytes).flatMap((sector) =>
            random.chance(share) ? [sector] : lostSector(sector, random)
          )
          : random.chance(share)
          ? [change]
          : [];
    }
  }
}

type Write = Extract<Change, { type: "write" }>;

/** The write, divided where the sectors of the disk are. */
function sectorsOf(write: Write, sectorBytes: number): Write[] {
  const sectors: Write[] = [];
  const { offset, bytes } = write;
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(
      bytes.length,
      at + sectorBytes - (offset + at) % sectorBytes,
    );
    sectors.push({
      ...write,
      offset: offset + at,
      bytes: bytes.subarray(at, end),
    });
    at = end;
  }
  return sectors;
}

/** Mostly nothing; or the file has its new size without the bytes; or junk. */
function lostSector(sector: Write, random: SeededRandom): Change[] {
  const { serial, offset, bytes } = sector;
  const draw = random.fraction();
  if (draw < 0.6) return [];
  if (draw < 0.9) {
    // Writing no bytes at its end makes the file that long.
    const end = offset + bytes.length;
    return [{ type: "write", serial, offset: end, bytes: new Uint8Array() }];
  }
  return [{ ...sector, bytes: random.bytes(bytes.length) }];
}
