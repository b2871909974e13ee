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

/** A call that takes more turns of the event loop waits for something outside. */
const MAX_TURNS = 20;
/** How often such a call is cut, at least: 3 times for each request of a transaction of 4. */
const POINTS = 12;
/** How often it is where it takes longer than it did at first, at most. */
const MAX_POINTS = 100;
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
 * over: at every moment of every turn, or where the work waits for a network,
 * at points that are spread over its time. A request is not sent, not answered
 * or answered, and how many turns pass meanwhile is chance.
 */
async function atAnyTime(
  moments: readonly number[],
  attempt: Attempt,
): Promise<void> {
  const { turns, ms } = await lengthOf(attempt);
  if (turns <= MAX_TURNS && await atEveryMoment(moments, attempt)) return;
  await atPoints(ms / POINTS, attempt);
}

/** Whether the work is over in as many turns as are tried. */
async function atEveryMoment(
  moments: readonly number[],
  attempt: Attempt,
): Promise<boolean> {
  for (let turns = 0; turns <= MAX_TURNS; turns++) {
    for (const microtasks of moments) {
      const isTime = (work: Work) => work.turns >= turns;
      if (await isOverAt(isTime, microtasks, attempt)) return true;
    }
  }
  return false;
}

/** Cuts the work at points that are so far apart, or what suits it better. */
async function atPoints(apartMs: number, attempt: Attempt): Promise<void> {
  let delayMs = 0;
  for (let points = 0, over = false; points < POINTS || !over; points++) {
    check(points < MAX_POINTS, "the work comes to an end");
    over = await isOverAt((work) => work.ms() >= delayMs, 0, attempt);
    if (over) {
      // Too soon, it is gone through again, in smaller steps.
      apartMs /= 2;
      delayMs = apartMs;
    } else {
      delayMs += apartMs;
      if (points % POINTS === POINTS - 1) apartMs *= 2;
    }
  }
}

/** Looks when it is time; whether the work was over by then. */
async function isOverAt(
  isTime: (work: Work) => boolean,
  microtasks: number,
  attempt: Attempt,
): Promise<boolean> {
  const work = started(await attempt.prepare());
  while (!work.ended && !isTime(work)) await work.turn();
  for (let task = 0; task < microtasks; task++) await null;
  const over = work.ended;
  try {
    await attempt.look();
  } finally {
    await work.done;
  }
  return over;
}

/**
 * How many turns the work takes, at most, and what time, at least: what is
 * loaded the first time does not count.
 */
async function lengthOf(
  { prepare }: Attempt,
): Promise<{ turns: number; ms: number }> {
  const length = { turns: 1, ms: Infinity };
  for (const isWarm of [false, true, true]) {
    const work = started(await prepare());
    while (!work.ended) await work.turn();
    if (!isWarm) continue;
    length.turns = Math.max(length.turns, work.turns);
    length.ms = Math.min(length.ms, work.ms());
  }
  return length;
}

/** Work under way. */
type Work = ReturnType<typeof started>;

/** Starts work, and counts the turns and the time it is given. */
function started(work: () => Promise<unknown>) {
  const machine = systemClock();
  const startedAtMs = machine.monotonicMs();
  const state = {
    ended: false,
    turns: 0,
    ms: () => machine.monotonicMs() - startedAtMs,
    async turn() {
      await machine.turn();
      state.turns++;
    },
    done: Promise.resolve(),
  };
  state.done = work().catch(() => {}).then(() => void (state.ended = true));
  return state;
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
