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

/** More macrotasks than a call takes. */
const MAX_TURNS = 200;
/** Where a turn is cut, in microtasks. */
const POINTS = [0, 1, 4, 16, 64];

/** What is left of a call that was cut off. */
export const cutCases: readonly StorageCase[] = [
  {
    name: "migrate: killed at any time, it is done by the next",
    unmigrated: true,
    run: (bench) =>
      cutEverywhere(bench, async (cut) => {
        await bench.renew();
        await cut(() => bench.storage.migrate());
        await bench.storage.migrate();
        await bench.commit(...bench.messages("a"));
        const found = idsOf(await readAll(await bench.open()));
        checkEqual(found, ["a"], "the outbox works");
      }),
  },
  {
    name: "enqueue: killed at any time, its transaction is whole or not there",
    run: (bench) =>
      cutEverywhere(bench, async (cut) => {
        await bench.renew();
        await bench.storage.migrate();
        await cut(() =>
          bench.harness.transaction(async (tx) => {
            await bench.harness.writeRow(tx, "row");
            await bench.insert(tx, bench.messages("a", "b"));
          })
        );
        const rows = await bench.harness.rows();
        const found = idsOf(await readAll(await bench.open()));
        const wanted = rows.length === 0 ? [] : ["a", "b"];
        checkEqual(found, wanted, "messages are there if their row is");
      }),
  },
  {
    name: "settle: killed at any time, it is whole or not at all",
    run: (bench) =>
      cutEverywhere(bench, async (cut) => {
        await bench.renew();
        await bench.storage.migrate();
        const settleAll = await halfDelivered(bench);
        await cut(settleAll);
        await checkWhole(bench);
      }),
  },
  {
    name: "settle: whoever reads meanwhile sees all of it or nothing",
    async run(bench) {
      const machine = systemClock();
      const settleAll = await halfDelivered(bench);
      let settled = false;
      const settling = settleAll().finally(() => settled = true);
      // It is heard of below, however late.
      settling.catch(() => {});
      try {
        while (!settled) {
          await checkWhole(bench);
          await machine.turn();
        }
      } finally {
        await settling;
      }
      await checkWhole(bench);
    },
  },
];

type Cut = (work: () => Promise<unknown>) => Promise<void>;

/** Tries a scenario with a kill a little later each time, until its work is done before. */
async function cutEverywhere(
  bench: StorageBench,
  scenario: (cut: Cut) => Promise<void>,
): Promise<void> {
  const machine = systemClock();
  for (let turns = 0, done = false; !done; turns++) {
    check(turns < MAX_TURNS, "the work comes to an end");
    for (const point of POINTS) {
      await scenario(async (work) => {
        done = false;
        const working = work().then(() => done = true, () => {});
        for (let turn = 0; turn < turns; turn++) await machine.turn();
        for (let step = 0; step < point; step++) await null;
        const before = done;
        await bench.restart();
        await working;
        done = before;
      });
      if (done) break;
    }
  }
}

const DELIVERED = ["a", "b", "c"];
const FAILED = ["d", "e", "f"];

/** Returns a settle that delivers one half of what is there and fails the other. */
async function halfDelivered(
  bench: StorageBench,
): Promise<() => Promise<unknown>> {
  const [store, messages] = await filled(bench, [...DELIVERED, ...FAILED]);
  const lease = await takeLease(store);
  return () =>
    settle(store, lease, {
      delivered: messages.slice(0, DELIVERED.length).map(({ seq }) => seq),
      failed: messages.slice(DELIVERED.length).map((one) => failureOf(one)),
    });
}

async function checkWhole(bench: StorageBench): Promise<void> {
  const store = await bench.open();
  const readable = idsOf(await readAll(store));
  const failures = await store.failures({ after: 0, limit: 100 });
  if (readable.length > 0) {
    checkEqual(readable, [...DELIVERED, ...FAILED], "nothing is recorded");
  } else checkEqual(failures.length, FAILED.length, "everything is recorded");
}
