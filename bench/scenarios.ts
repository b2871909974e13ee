/**
 * All scenarios, in the order in which they run.
 *
 * @module
 */

import type { Scenario } from "./scenario.ts";
import { accept } from "./scenarios/accept.ts";
import { backlog, largeBacklog } from "./scenarios/backlog.ts";
import { drain } from "./scenarios/drain.ts";
import { enqueue } from "./scenarios/enqueue.ts";
import { eventLoop } from "./scenarios/event_loop.ts";
import { flash } from "./scenarios/flash.ts";
import { heldKey } from "./scenarios/held_key.ts";
import { idle } from "./scenarios/idle.ts";
import { importing } from "./scenarios/import.ts";
import { latency } from "./scenarios/latency.ts";
import { oneKey } from "./scenarios/one_key.ts";
import { outage } from "./scenarios/outage.ts";
import { peers } from "./scenarios/peers.ts";
import { roundTrip } from "./scenarios/round_trip.ts";
import { soak } from "./scenarios/soak.ts";

/** Every scenario there is. */
export const scenarios: readonly Scenario[] = [
  enqueue,
  accept,
  drain,
  oneKey,
  roundTrip,
  latency,
  idle,
  outage,
  backlog,
  largeBacklog,
  heldKey,
  eventLoop,
  flash,
  importing,
  soak,
  peers,
];
