/**
 * The machine misbehaves: its disk is full, its clocks jump, and somebody
 * keeps the database locked.
 *
 * @module
 */

import { type Fault, sometime, type Stream } from "./fault.ts";
import type { World } from "./world.ts";

/** What happens to the database. */
export function databaseFaults(world: World): Stream {
  const { disk, locks, options } = world;
  const lock: Fault = {
    weight: 1,
    async inject(dice) {
      options.log.injected("write lock held");
      await locks.man();
      await sometime(dice, [200, 2_000]);
      await locks.kill();
    },
  };
  const fill: Fault = {
    weight: 1,
    async inject(dice) {
      options.log.injected("disk full");
      disk.fill();
      await sometime(dice, [200, 1_500]);
      disk.relieve();
    },
  };
  const limit: Fault = {
    weight: 1,
    async inject(dice) {
      options.log.injected("database full (max_page_count)");
      world.isFull = true;
      await sometime(dice, [200, 1_500]);
      world.isFull = false;
    },
  };
  return {
    pauseMs: [3_000, 8_000],
    faults: [lock, disk.isOwn ? fill : limit],
  };
}

const DAY_SECONDS = 86_400;

/** From a second to half a century, to either side, 1970 too, and back to the right time. */
const JUMPS_SECONDS: readonly number[] = [
  0,
  1,
  -1,
  3_600,
  -3_600,
  14 * DAY_SECONDS,
  -14 * DAY_SECONDS,
  50 * 365 * DAY_SECONDS,
  -56 * 365 * DAY_SECONDS,
];

/** What happens to wall clocks. */
export function clockFaults({ clocks, options }: World): Stream {
  const jump: Fault = {
    weight: 1,
    async inject(dice) {
      const who = dice.pick(clocks.names);
      options.log.injected("wall clock moved");
      clocks.jump(who, dice.pick(JUMPS_SECONDS));
      await Promise.resolve();
    },
  };
  return { pauseMs: [1_000, 4_000], faults: clocks.canJump ? [jump] : [] };
}
