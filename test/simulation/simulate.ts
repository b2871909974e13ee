/**
 * One seed: a world, its chaos, and its trial.
 *
 * @module
 */

import { createSeededRandom } from "@mailboat/outbox/testing";
import { wreakChaos } from "./chaos.ts";
import { withEndings } from "./endings.ts";
import { withLifetimes } from "./lifetimes.ts";
import { withPipelining } from "./pipelining.ts";
import { withResting } from "./resting.ts";
import { drawPlan, type FaultKind } from "./plan.ts";
import { type Settling, Timeline } from "./timeline.ts";
import { type Report, tryWorld } from "./trial.ts";
import { World } from "./world.ts";
import type { Writing } from "./writing.ts";

/** How a seed is run. */
export interface SimulateOptions {
  /** Faults to leave out. */
  readonly without?: readonly FaultKind[];
  /** @default "ticks" */
  readonly settling?: Settling;
}

/**
 * Dice look at the lowest 32 bits of a seed, so that these throw the plan's
 * once more; the seeds that are kept for their failures need them to.
 */
const LIFETIMES = 2 ** 50;
const PIPELINING = 2 ** 51;
const RESTING = 2 ** 52;
/** Far from every seed that anybody runs, in 32 bits. */
const ENDINGS = 2 ** 30;

/** Runs one seed. */
export async function simulate(
  seed: number,
  { without = [], settling = "ticks" }: SimulateOptions = {},
): Promise<Report> {
  const random = createSeededRandom(seed);
  const mortal = withLifetimes(
    drawPlan(random, without),
    createSeededRandom(seed + LIFETIMES),
  );
  const ended = withEndings(
    withPipelining(mortal, seed, createSeededRandom(seed + PIPELINING)),
    createSeededRandom(seed + ENDINGS),
    without,
  );
  const plan = withResting(ended, seed, createSeededRandom(seed + RESTING));
  const timeline = new Timeline(settling);
  const world = new World(plan.setting, random, timeline);
  const { auditor } = world;
  let writing: Writing | null = null;
  try {
    await world.begin();
    writing = await wreakChaos(world, plan, random);
    if (auditor.arrivals > plan.setting.readBatch) {
      auditor.situations.add("backlog over batch");
    }
  } catch (error) {
    auditor.object(String(error));
  }
  return await tryWorld(world, writing);
}
