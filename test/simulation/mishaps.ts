/**
 * Mishaps: what can happen at an operation of a scenario.
 *
 * @module
 */

import type { Fate, Operation } from "./fate.ts";

/** What happens at an operation, by name. */
export const MISHAPS = {
  "fail before": { fault: "before" },
  "fail after": { fault: "after" },
  "busy": { fault: "busy" },
  "kill before": { blow: { kind: "kill", at: "before" } },
  "kill after": { blow: { kind: "kill", at: "after" } },
  "pause before": { blow: { kind: "pause", at: "before" } },
  "pause after": { blow: { kind: "pause", at: "after" } },
  "slow before": { beforeMs: 700 },
  "slow after": { afterMs: 700 },
} as const satisfies Readonly<Record<string, Fate>>;

/** The name of a mishap. */
export type Mishap = keyof typeof MISHAPS;

/** Mishaps by the one that is the same; `null` where nothing happens. */
export type Twins = Readonly<Partial<Record<Mishap, Mishap | null>>>;

/** Nothing is there that a failure or a death could come before or after. */
const LOOK: Twins = {
  "fail after": "fail before",
  "kill after": "kill before",
};

/** Mishaps that are another one at an operation, or none. */
export const TWINS: Readonly<Partial<Record<Operation, Twins>>> = {
  survey: LOOK,
  failures: LOOK,
  read: LOOK,
  readLane: LOOK,
  // No broker says that it is busy.
  connect: { "busy": "fail before" },
  // It takes as long as the wire does, and no lock.
  send: { "busy": null, "slow before": null, "slow after": null },
};

/** The mishaps that an operation can have, each once. */
export function mishapsAt(operation: Operation): Mishap[] {
  const twins = TWINS[operation] ?? {};
  const mishaps = Object.keys(MISHAPS) as Mishap[];
  return mishaps.filter((mishap) => twins[mishap] === undefined);
}
