/**
 * One seed: a world, its chaos, and its trial.
 *
 * @module
 */

import { createSeededRandom } from "@mailboat/outbox/testing";
import { wreakChaos } from "./chaos.ts";
import { drawPlan, type FaultKind } from "./plan.ts";
import { type Settling, Timeline } from "./timeline.ts";
import { type Report, tryWorld } from "./trial.ts";
import { World } from "./world.ts";

/** How a seed is run. */
export interface SimulateOptions {
  /** Faults to leave out. */
  readonly without?: readonly FaultKind[];
  /** @default "microtasks" */
  readonly settling?: Settling;
}

/** Runs one seed. */
export async function simulate(
  seed: number,
  { without = [], settling = "microtasks" }: SimulateOptions = {},
): Promise<Report> {
  const random = createSeededRandom(seed);
  const plan = drawPlan(random, without);
  const timeline = new Timeline(settling);
  const world = new World(plan.setting, random, timeline);
  const { auditor } = world;
  try {
    await world.begin();
    await wreakChaos(world, plan, random);
    if (auditor.arrivals > plan.setting.readBatch) {
      auditor.situations.add("backlog over batch");
    }
  } catch (error) {
    auditor.object(String(error));
  }
  return await tryWorld(world);
}
