/**
 * Positions: each counted message is the n-th of its key, whoever wrote it,
 * until its key is forgotten (G3).
 *
 * @module
 */

import type { Message } from "../../../mod.ts";
import { check, checkEqual } from "./checks.ts";
import {
  failureOf,
  readAll,
  settle,
  type StorageBench,
  type StorageCase,
  takeLease,
} from "./storage_bench.ts";

/** How positions are given out, and forgotten. */
export const positionCases: readonly StorageCase[] = [
  {
    name: "position: the counted messages of each key are numbered from 1",
    async run(bench) {
      await bench.commit(...counted(bench, "a", "b", "a"));
      await bench.commit(bench.message({ key: "a" }));
      await bench.commit(bench.message({ key: null, counted: true }));
      await bench.commit(...counted(bench, "b", "a", "c"));
      checkEqual(
        told(await readAll(await bench.open())),
        ["a:1", "b:1", "a:2", "a:-", "-:-", "b:2", "a:3", "c:1"],
        "each counted message has the next position of its key",
      );
    },
  },
  {
    name: "position: keys that differ a little are counted apart",
    async run(bench) {
      const keys = ["k", "K", "k ", "", "1", "01", "ключ", "e\u0301", "\u00e9"];
      await bench.commit(...counted(bench, ...keys), ...counted(bench, "k"));
      const found = told(await readAll(await bench.open()));
      checkEqual(found, [...keys.map((key) => `${key}:1`), "k:2"], "each");
    },
  },
  {
    name: "position: a rollback leaves no hole",
    async run(bench) {
      await bench.commit(...counted(bench, "a"));
      await bench.harness.transaction(async (tx) => {
        await bench.insert(tx, counted(bench, "a", "b", "a"));
        throw new Error("undone");
      }).catch(() => {});
      await bench.commit(...counted(bench, "a", "b"));
      const found = told(await readAll(await bench.open()));
      checkEqual(found, ["a:1", "a:2", "b:1"], "what was undone took none");
    },
  },
  {
    name: "position: an id that is there already takes none",
    interactive: true,
    async run(bench) {
      const chosen = (id: string) =>
        bench.message({ id, chosenId: true, key: "a", counted: true });
      await bench.commit(chosen("x"));
      const stored = await bench.commit(...["y", "x", "y", "z"].map(chosen));
      checkEqual(stored, [true, false, false, true], "each is told");
      const found = told(await readAll(await bench.open()));
      checkEqual(found, ["a:1", "a:2", "a:3"], "no number is wasted");
    },
  },
  {
    name: "position: calls at once on one transaction take their turns",
    interactive: true,
    async run(bench) {
      await bench.harness.transaction(async (tx) => {
        const insert = (...keys: string[]) =>
          bench.insert(tx, counted(bench, ...keys));
        await Promise.all([
          insert("a"),
          insert("a", "b"),
          bench.insert(tx, [bench.message({ key: "a" })]),
          insert("b", "a"),
        ]);
      });
      checkEqual(
        told(await readAll(await bench.open())),
        ["a:1", "a:2", "b:1", "a:-", "b:2", "a:3"],
        "they are stored and numbered in the order of the calls",
      );
    },
  },
  {
    name: "position: what is counted stands among what is not",
    interactive: true,
    async run(bench) {
      const of = (id: string, is: boolean, key = "a") =>
        bench.message({ id, chosenId: true, key, counted: is });
      await bench.commit(of("x", true), of("y", false));
      const stored = await bench.commit(
        ...[of("y", true), of("z", true), of("w", false), of("x", false)],
        ...[of("u", true, "b"), of("v", true), of("v", true)],
      );
      checkEqual(
        stored,
        [false, true, true, false, true, true, false],
        "each is told",
      );
      checkEqual(
        told(await readAll(await bench.open())),
        ["a:1", "a:-", "a:2", "a:-", "b:1", "a:3"],
        "only what is counted and stored has the next position",
      );
    },
  },
  {
    name: "position: the statements of a batch count as well",
    async run(bench) {
      const { writer } = bench.storage;
      if (!("statements" in writer)) return;
      const twice = bench.message({ id: "x", chosenId: true, counted: true });
      const statements = () =>
        writer.statements([...counted(bench, "m-1", "a"), twice]);
      await bench.harness.batch([...statements(), ...statements()]);
      checkEqual(
        told(await readAll(await bench.open())),
        ["m-1:1", "a:1", "m-1:2", "m-1:3", "a:2"],
        "they are numbered in the order of the statements",
      );
    },
  },
  {
    name:
      "position: it goes on when the messages are gone, after a restart too",
    async run(bench) {
      for (let round = 1; round <= 3; round++) {
        await bench.commit(...counted(bench, "a", "a"));
        const store = await bench.open();
        const found = await readAll(store);
        const expected = [`a:${2 * round - 1}`, `a:${2 * round}`];
        checkEqual(told(found), expected, "it goes on where it was");
        const lease = await takeLease(store, `relay-${round}`);
        await settle(store, lease, { delivered: found.map(({ seq }) => seq) });
        if (round === 2) await bench.restart();
      }
    },
  },
  {
    name: "position: writers at once leave no hole, in the order of commits",
    async run(bench) {
      for (let round = 0; round < 10; round++) {
        const commit = () => bench.commit(...counted(bench, "a", "b", "a"));
        const both = await Promise.allSettled([commit(), commit()]);
        // A database with one writer may refuse the other.
        for (const { status } of both) {
          if (status === "rejected") await commit();
        }
      }
      const found = await readAll(await bench.open());
      const of = (key: string) =>
        found.filter((one) => one.key === key).map(({ position }) => position);
      checkEqual(of("a"), upTo(40), "one key");
      checkEqual(of("b"), upTo(20), "the other key");
    },
  },
  {
    name: "position: a dead letter keeps its own",
    async run(bench) {
      await bench.commit(...counted(bench, "a", "a"));
      const store = await bench.open();
      const [, second] = await readAll(store);
      check(second !== undefined, "both are read");
      const failed = [failureOf(second, { state: "dead" })];
      await settle(store, await takeLease(store), { failed });
      const [letter] = await store.listDead({ filter: {}, after: 0, limit: 1 });
      checkEqual(letter?.message.position, 2, "a dead letter's position");
    },
  },
  {
    name:
      "position: keys of long ago are forgotten, a part at a time, no others",
    async run(bench) {
      const keys = upTo(30).map((n) => `key-${n}`);
      await bench.commit(...counted(bench, ...keys, "key-1", "key-2"));
      const store = await bench.open();
      const twentieth = (await readAll(store))[19];
      check(twentieth !== undefined, "all are read");
      const request = { countedBefore: twentieth.seq, limit: 7 };
      let all = 0;
      // Thirty keys are five parts; one may begin and one end in the middle.
      for (let part = 0; part < 7; part++) {
        const { forgotten } = await store.forgetPositions(request);
        check(forgotten <= 7, "no more are looked at than was allowed");
        all += forgotten;
      }
      checkEqual(all, 17, "those of long ago, but for two that went on");
      await bench.commit(...counted(bench, ...keys));
      const again = (await readAll(store)).slice(32).map((one) => one.position);
      checkEqual(
        again,
        [3, 3, ...Array(17).fill(1), ...Array(11).fill(2)],
        "the forgotten begin at 1, the others go on",
      );
    },
  },
];

function counted(bench: StorageBench, ...keys: readonly string[]) {
  return keys.map((key) => bench.message({ key, counted: true }));
}

/** `key:position` of each message. */
function told(messages: readonly Message[]): string[] {
  return messages.map(({ key, position }) =>
    `${key ?? "-"}:${position ?? "-"}`
  );
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, at) => at + 1);
}
