/**
 * What SQLite's setting `synchronous` is worth, with a write-ahead log.
 *
 * @module
 */

import type { Durability } from "../../mod.ts";

/** OFF and NORMAL; FULL and EXTRA survive a power cut. */
const levels: readonly Durability["level"][] = ["none", "process-crash"];

/** What a commit survives at a level of `synchronous`. */
export function survivedAt(synchronous: number): Durability["level"] {
  return levels[synchronous] ?? "power-loss";
}
