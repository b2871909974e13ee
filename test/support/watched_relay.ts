/**
 * A relay in a process of its own that tells what it has used.
 *
 * @module
 */

import type { Child } from "./child.ts";
import type {
  Look,
  WatchedOrder,
  WatchedReport,
} from "./children/watched_relay.ts";
import { program } from "./program.ts";

/** Its process. */
export type WatchedRelay = Child<WatchedOrder, WatchedReport>;

/**
 * What starts one, with the heap of a small device, in which a queue would not
 * go unnoticed. Call it outside of tests.
 */
export function watchedRelayProgram(): () => Promise<WatchedRelay> {
  return program("watched_relay", ["--expose-gc", "--max-old-space-size=64"]);
}

/** Asks what it has used so far; what it left lying about is collected. */
export function look(relay: WatchedRelay): Promise<Look> {
  const seen = relay.heard("look");
  relay.tell("look");
  return seen;
}
