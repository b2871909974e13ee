/**
 * Cuts: whatever a process was doing when it was killed is there as a whole or
 * not at all, and so it is for those who look in the meantime (G1, G2, G8).
 *
 * @module
 */

import { systemClock } from "../../../mod.ts";
import { check, checkEqual } from "./checks.ts";
import { filled } from "./reading_cases.ts";
import {
  failureOf,
  idsOf,
  readAll,
  settle,
  type StorageBench,
  type StorageCase,
  takeLease,
} from "./storage_bench.ts";

/** Into how many steps a call is cut: more than a file's takes turns of the event loop. */
const STEPS = 20;
/** How many of them are taken where a call takes longer than it did at first. */
const MAX_STEPS = 200;
/** The moments of a turn, in microtasks, at which a process is killed: each costs a database. */
const KILLS = [0, 1, 2, 4, 8, 16, 32, 64];
/** Those at which somebody looks. */
const LOOKS: readonly number[] = Array.from({ length: 64 }, (_, at) => at);

/** What is left of a call that was cut off. */
export const cutCases: readonly StorageCase[] = [
  {
    name: "migrate: killed at any time, it is done by the next",
    unmigrated: true,
    run: (bench) =>
      atAnyTime(KILLS, {
        async prepare() {
          await bench.renew();
          return () => bench.storage.migrate();
        },
        async look() {
          await bench.restart();
          await bench.storage.migrate();
          await bench.commit(...bench.messages("a"));
          const found = idsOf(await readAll(await bench.open()));
          checkEqual(found, ["a"], "the outbox works");
        },
      }),
  },
  {
    name: "enqueue: killed at any time, its transaction is whole or not there",
    run: (bench) =>
      atAnyTime(KILLS, {
        async prepare() {
          await bench.renew();
          await bench.storage.migrate();
          return () =>
            bench.harness.transaction(async (tx) => {
              await bench.harness.writeRow(tx, "row");
              await bench.insert(tx, bench.messages("a", "b"));
            });
        },
        async look() {
          await bench.restart();
          const rows = await bench.harness.rows();
          const found = idsOf(await readAll(await bench.open()));
          const wanted = rows.length === 0 ? [] : ["a", "b"];
          checkEqual(found, wanted, "messages are there if their row is");
        },
      }),
  },
  {
    name: "settle: killed at any time, it is whole or not at all",
    run: (bench) =>
      atAnyTime(KILLS, {
        async prepare() {
          await bench.renew();
          await bench.storage.migrate();
          return await settlingTwo(bench);
        },
        async look() {
          await bench.restart();
          checkWhole(await readAll(await bench.open()));
        },
      }),
  },
  {
    name: "settle: whoever reads meanwhile sees all of it or nothing",
    async run(bench) {
      const reader = await bench.open();
      await atAnyTime(LOOKS, {
        prepare: () => settlingTwo(bench),
        look: async () => checkWhole(await readAll(reader)),
      });
      checkEqual(await readAll(reader), [], "it records what it was given");
    },
  },
];

/** Work, and what must hold at any time while it is under way. */
interface Attempt {
  /** Puts everything in its place, and returns the work. */
  prepare(): Promise<() => Promise<unknown>>;
  /** Looks what there is. */
  look(): Promise<void>;
}

/**
 * Does the work again and again and looks a little later each time, until it is
 * over. What waits for a network is looked at from step to step only.
 */
async function atAnyTime(
  moments: readonly number[],
  attempt: Attempt,
): Promise<void> {
  const machine = systemClock();
  const turns = await turnsOf(attempt);
  const step = Math.ceil(turns / STEPS);
  const within = step === 1 ? moments : [0];
  for (let steps = 0, over = false; !over; steps++) {
    check(steps < MAX_STEPS, "the work comes to an end");
    for (const microtasks of within) {
      const work = await attempt.prepare();
      let ended = false;
      const working = work().catch(() => {}).then(() => ended = true);
      for (let turn = 0; turn < steps * step; turn++) await machine.turn();
      for (let task = 0; task < microtasks; task++) await null;
      over = ended;
      try {
        await attempt.look();
      } finally {
        await working;
      }
      if (over) break;
    }
  }
}

/** How many turns of the event loop the work takes; at least 1. */
async function turnsOf({ prepare }: Attempt): Promise<number> {
  const machine = systemClock();
  const work = await prepare();
  let turns = 0;
  let ended = false;
  const working = work().catch(() => {}).then(() => ended = true);
  for (; !ended; turns++) await machine.turn();
  await working;
  return turns;
}

/** Returns a settle of two messages: one is delivered, and one has failed. */
async function settlingTwo(
  bench: StorageBench,
): Promise<() => Promise<unknown>> {
  const ids = ["one", "two"].map((name) => `${name} ${bench.message().id}`);
  const [store, [one, two]] = await filled(bench, ids);
  const lease = await takeLease(store);
  const delivered = [one!.seq];
  return () => settle(store, lease, { delivered, failed: [failureOf(two!)] });
}

/** Neither can be read once they are settled: one is gone, and one has a record. */
function checkWhole(readable: readonly unknown[]): void {
  check(readable.length !== 1, "two outcomes are recorded together");
}
