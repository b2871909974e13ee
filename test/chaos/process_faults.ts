/**
 * Processes are killed and paused, in the middle of something where that is
 * possible.
 *
 * @module
 */

import type { SeededRandom } from "@mailboat/outbox/testing";
import { amid, PATIENCE_MS, sometime, type Stream } from "./fault.ts";
import { LEASE_MS, type RelayPost, type World } from "./world.ts";

/** What happens to relays. */
export function relayFaults(world: World): Stream {
  const { relays, options } = world;
  const note = (kind: string) => options.log.injected(kind);
  /** Mostly the one that works. */
  const target = (dice: SeededRandom): RelayPost =>
    relays[dice.chance(0.8) ? world.holder : dice.integer(0, 1)]!;
  const kill = async (relay: RelayPost) => {
    note("relay killed");
    await relay.kill();
    await relay.man();
  };
  return {
    // Some come so fast that relays end up on probation, and some let it end.
    pauseMs: [100, 2_500],
    faults: [
      {
        weight: 8,
        async inject(dice) {
          await amid(world, dice);
          await kill(target(dice));
        },
      },
      {
        weight: 2,
        async inject(dice) {
          await amid(world, dice);
          await Promise.all(relays.map(kill));
        },
      },
      {
        weight: 2,
        async inject(dice) {
          const relay = target(dice);
          await kill(relay);
          await sometime(dice, [0, 120]);
          note("relay killed while it starts");
          await relay.kill();
          await relay.man();
        },
      },
      {
        weight: 3,
        async inject(dice) {
          await amid(world, dice);
          note("relay paused beyond its lease");
          await target(dice).pause(() =>
            sometime(dice, [LEASE_MS * 1.2, LEASE_MS * 5])
          );
        },
      },
    ],
  };
}

/** What happens to writers. */
export function writerFaults(world: World): Stream {
  const { writers, options } = world;
  const note = (kind: string) => options.log.injected(kind);
  /** In the middle of a COMMIT, as like as not. */
  const amidCommit = async (dice: SeededRandom) => {
    await world.writing.after(dice.integer(1, 30), PATIENCE_MS);
    await sometime(dice, [0, 3]);
  };
  return {
    pauseMs: [500, 1_500],
    faults: [
      {
        weight: 8,
        async inject(dice) {
          const writer = dice.pick(writers);
          await amidCommit(dice);
          note("writer killed");
          await writer.kill();
          await writer.man();
        },
      },
      {
        weight: 1,
        async inject(dice) {
          const writer = dice.pick(writers);
          note("writer killed");
          await writer.kill();
          await writer.man();
          await sometime(dice, [0, 60]);
          note("writer killed while it starts");
          await writer.kill();
          await writer.man();
        },
      },
      {
        weight: 1,
        async inject(dice) {
          await amidCommit(dice);
          note("writer paused");
          await dice.pick(writers).pause(() => sometime(dice, [200, 1_500]));
        },
      },
    ],
  };
}
