/**
 * Enqueueing: a message exists if and only if its transaction committed (G1).
 *
 * @module
 */

import type { Page } from "../../../mod.ts";
import { check, checkEqual, checkRefused } from "./checks.ts";
import {
  EVERYTHING,
  idsOf,
  readAll,
  type StorageBench,
  type StorageCase,
  unlessBusy,
} from "./storage_bench.ts";
import { refusalOfFinished } from "./storage_harness.ts";

/** What a writer does. */
export const enqueueCases: readonly StorageCase[] = [
  {
    name: "enqueue: a commit leaves the message and the business row together",
    async run(bench) {
      const { harness } = bench;
      await harness.transaction(async (tx) => {
        await harness.writeRow(tx, "row");
        const stored = await bench.insert(tx, bench.messages("a"));
        checkEqual(stored, [true], "an insert tells that it stored");
      });
      await checkPresent(bench, ["a"], ["row"], "a commit");
    },
  },
  {
    name: "enqueue: a rollback leaves neither message nor business row",
    async run(bench) {
      const { harness } = bench;
      const undone = new Error("undone");
      const work = harness.transaction(async (tx) => {
        await harness.writeRow(tx, "row");
        await bench.insert(tx, bench.messages("a", "b"));
        throw undone;
      });
      const thrown = await work.then(() => null, (error: unknown) => error);
      check(thrown === undone, "the harness rethrows what the work threw");
      await checkPresent(bench, [], [], "a rollback");
      await bench.commit(...bench.messages("c"));
      await checkPresent(bench, ["c"], [], "a commit after a rollback");
    },
  },
  {
    name: "enqueue: nothing of an open transaction can be read",
    interactive: true,
    async run(bench) {
      const store = await bench.open();
      await bench.harness.transaction(async (tx) => {
        await bench.insert(tx, bench.messages("a"));
        const found = await unlessBusy(readAll(store), []);
        checkEqual(found, [], "what is open is not read");
        const survey = await unlessBusy(store.survey(), null);
        checkEqual(
          survey?.oldest ?? null,
          null,
          "what is open is not surveyed",
        );
      });
      checkEqual(idsOf(await readAll(store)), ["a"], "the commit is read");
    },
  },
  {
    name: "enqueue: a handle that is no transaction is refused",
    interactive: true,
    async run(bench) {
      const handles = [bench.harness.plainHandle, undefined, null, {}];
      for (const handle of handles) {
        await checkRefused(
          () => bench.insert(handle, bench.messages("a")),
          ["NOT_A_TRANSACTION"],
          "an insert on a handle that is no transaction",
        );
      }
      await checkPresent(bench, [], [], "a refusal");
    },
  },
  {
    name: "enqueue: a transaction that is over is refused",
    interactive: true,
    async run(bench) {
      const leaked: unknown[] = [];
      await bench.harness.transaction((tx) => Promise.resolve(leaked.push(tx)));
      await bench.harness.transaction((tx) => {
        leaked.push(tx);
        return Promise.reject(new Error("undone"));
      }).catch(() => {});
      checkEqual(leaked.length, 2, "the harness runs the work once");
      for (const tx of leaked) {
        await checkRefused(
          () => bench.insert(tx, bench.messages("a")),
          [refusalOfFinished(bench.harness, tx)],
          "an insert on a transaction that is over",
        );
      }
      await checkPresent(bench, [], [], "a refusal");
    },
  },
  {
    name: "enqueue: a transaction on another database is refused",
    interactive: true,
    async run(bench) {
      await bench.harness.foreignTransaction(async (tx) => {
        for (const chosenId of [false, true]) {
          await checkRefused(
            () => bench.insert(tx, [bench.message({ chosenId })]),
            ["FOREIGN_TRANSACTION"],
            "an insert on a transaction of another database",
          );
        }
      });
      await checkPresent(bench, [], [], "a refusal");
    },
  },
  {
    name: "enqueue: a thousand messages of one call keep their order",
    async run(bench) {
      const many = Array.from({ length: 1_000 }, () => bench.message());
      const stored = await bench.commit(...many);
      checkEqual(stored, many.map(() => true), "each is stored");
      const found = idsOf(await readAll(await bench.open()));
      checkEqual(found, idsOf(many), "they are read in order");
    },
  },
  {
    name: "enqueue: messages keep the order of calls and of commits",
    async run(bench) {
      await bench.harness.transaction(async (tx) => {
        await bench.insert(tx, bench.messages("a", "b"));
        await bench.insert(tx, bench.messages("c"));
      });
      await bench.commit(...bench.messages("d"));
      await checkPresent(bench, ["a", "b", "c", "d"], [], "several calls");
    },
  },
  {
    name: "enqueue: transactions that overlap hide no message from a reader",
    interactive: true,
    async run(bench) {
      const store = await bench.open();
      let early: Page = { messages: [], scannedTo: 0, end: false };
      await bench.holding(async (tx) => {
        await bench.insert(tx, bench.messages("slow"));
        // A database with one writer refuses this: then there is no overlap.
        await bench.commit(...bench.messages("fast")).catch(() => {});
        early = await unlessBusy(store.read(EVERYTHING), early);
      });
      const late = await store.read({ ...EVERYTHING, after: early.scannedTo });
      const met = idsOf([...early.messages, ...late.messages]);
      checkEqual(
        met,
        idsOf(await readAll(store)),
        "reading on from scannedTo meets what was committed late",
      );
    },
  },
  {
    name: "enqueue: no message is nothing to store",
    async run(bench) {
      checkEqual(await bench.commit(), [], "no message, no answer");
      const { newestSeq } = await (await bench.open()).survey();
      checkEqual(newestSeq, 0, "no message uses no sequence");
    },
  },
  {
    name: "enqueue: a chosen id is stored once, and the second call says so",
    interactive: true,
    async run(bench) {
      const chosen = (text: string) =>
        bench.message({
          id: "order-1",
          chosenId: true,
          payload: new TextEncoder().encode(text),
        });
      checkEqual(await bench.commit(chosen("first")), [true], "the first");
      checkEqual(await bench.commit(chosen("second")), [false], "the second");
      const found = await readAll(await bench.open());
      checkEqual(
        found.map(({ payload }) => new TextDecoder().decode(payload)),
        ["first"],
        "the first message stays as it is",
      );
    },
  },
  {
    name: "enqueue: a chosen id twice in one call is stored the first time",
    interactive: true,
    async run(bench) {
      await bench.commit(bench.message({ id: "x", chosenId: true }));
      const stored = await bench.commit(
        ...["y", "x", "y", "z"].map((id) =>
          bench.message({ id, chosenId: true })
        ),
        bench.message({ id: "ours" }),
      );
      checkEqual(stored, [true, false, false, true, true], "each is told");
      await checkPresent(bench, ["x", "y", "z", "ours"], [], "the call");
    },
  },
  {
    name:
      "enqueue: statements store in order when their batch runs, not before",
    async run(bench) {
      const { writer } = bench.storage;
      if (!("statements" in writer)) return;
      const twice = bench.message({ id: "b", chosenId: true });
      const made = writer.statements([...bench.messages("a"), twice]);
      await checkPresent(bench, [], [], "making statements");
      await bench.harness.batch(made);
      const more = [twice, ...bench.messages("c")];
      await bench.harness.batch(writer.statements(more));
      await checkPresent(bench, ["a", "b", "c"], [], "two batches");
    },
  },
];

async function checkPresent(
  bench: StorageBench,
  ids: readonly string[],
  rows: readonly string[],
  after: string,
): Promise<void> {
  const found = idsOf(await readAll(await bench.open()));
  checkEqual(found, ids, `after ${after} there are exactly these messages`);
  const written = [...await bench.harness.rows()].sort();
  checkEqual(written, rows, `after ${after} there are exactly these rows`);
}
