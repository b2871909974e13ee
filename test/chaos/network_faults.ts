/**
 * The network between relays and broker misbehaves, and the broker dies.
 *
 * @module
 */

import { systemClock } from "@mailboat/outbox";
import type { Weather } from "./channel.ts";
import { amid, type Fault, sometime, type Stream } from "./fault.ts";
import type { World } from "./world.ts";

/** What happens to connections. */
export function networkFaults(world: World): Stream {
  const { proxy, options } = world;
  const at = (kind: string, hit: () => void): Fault => ({
    weight: 1,
    async inject(dice) {
      await amid(world, dice);
      options.log.injected(kind);
      hit();
    },
  });
  const during = (kind: string, weather: Weather): Fault => ({
    weight: 1,
    async inject(dice) {
      await amid(world, dice);
      options.log.injected(kind);
      proxy.weather = weather;
      await sometime(dice, [100, 1_500]);
      proxy.weather = "clear";
    },
  });
  return {
    pauseMs: [400, 1_500],
    faults: [
      at("connection cut", () => proxy.cut()),
      at("connection cut within a packet", () => proxy.tear()),
      at("acknowledgements dropped", () => proxy.deafen()),
      at("connection half open", () => proxy.halfOpen()),
      during("network stalled", "stalled"),
      during("network slow", "slow"),
      during("bytes split anywhere", "crumbling"),
    ],
  };
}

/** What happens to the broker. */
export function brokerFaults(world: World): Stream {
  const { broker, proxy, options } = world;
  const kind = options.persistent
    ? "broker killed, what it took written down"
    : "broker killed";
  return {
    pauseMs: [6_000, 14_000],
    faults: [{
      weight: 1,
      async inject(dice) {
        if (options.persistent) {
          if (!(await isWrittenDown(world))) return;
        } else await amid(world, dice);
        options.log.injected(kind);
        await broker.kill();
        proxy.isHeld = false;
        await sometime(dice, [0, 1_500]);
        await broker.revive();
      },
    }],
  };
}

const clock = systemClock();
const HANDED_ON_WITHIN_MS = 2_000;
const LOOK_MS = 100;

/**
 * Keeps everything from the broker until it has handed on and written down
 * what it took: what it forgets of that is no fault of a relay.
 */
async function isWrittenDown(world: World): Promise<boolean> {
  const { proxy, broker, options } = world;
  const { wire } = options.log.facts;
  proxy.isHeld = true;
  const deadlineMs = clock.monotonicMs() + HANDED_ON_WITHIN_MS;
  // What it was sent a moment ago is still on its way.
  do await clock.sleep(LOOK_MS); while (
    !world.isHandedOn && clock.monotonicMs() < deadlineMs
  );
  const { acknowledged } = wire;
  await clock.sleep(LOOK_MS);
  await broker.writeDown();
  await clock.sleep(LOOK_MS);
  if (world.isHandedOn && wire.acknowledged === acknowledged) return true;
  proxy.isHeld = false;
  return false;
}
