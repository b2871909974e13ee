/**
 * Batches: what a database without an interactive transaction does in the
 * place of one (G1).
 *
 * @module
 */

import { check, checkEqual, checkRefused } from "./checks.ts";
import {
  idsOf,
  readAll,
  type StorageBench,
  type StorageCase,
} from "./storage_bench.ts";

/** What a writer without a handle does. */
export const batchCases: readonly StorageCase[] = [
  {
    name: "batch: before migrate() it fails, and then works",
    unmigrated: true,
    async run(bench) {
      const early = write(bench, ["early"], ["a"]);
      check(await early.then(() => false, () => true), "there are no tables");
      await bench.storage.migrate();
      await write(bench, ["row"], ["b"]);
      await checkPresent(bench, ["b"], ["row"]);
    },
  },
  {
    name: "batch: a statement that fails leaves neither message nor row",
    async run(bench) {
      await write(bench, ["row"], ["a"]);
      const failing = write(bench, ["other", "row"], ["b"]);
      const failed = await failing.then(() => false, () => true);
      check(failed, "a row that is there makes the batch fail");
      await checkPresent(bench, ["a"], ["row"]);
      await write(bench, ["third"], ["c"]);
      await checkPresent(bench, ["a", "c"], ["row", "third"]);
    },
  },
  {
    name: "batch: an insert that is no batch is refused, whatever its handle",
    async run(bench) {
      const handles = [bench.harness.plainHandle, undefined, null, {}];
      for (const handle of handles) {
        await checkRefused(
          () => bench.insert(handle, bench.messages("a")),
          ["NOT_A_TRANSACTION"],
          "an insert without a batch",
        );
      }
      await checkPresent(bench, [], []);
    },
  },
  {
    name: "batch: a chosen id is stored once, and takes one position",
    async run(bench) {
      const chosen = (id: string) =>
        bench.message({ id, chosenId: true, key: "a", counted: true });
      await bench.commit(chosen("x"));
      await bench.commit(...["y", "x", "y", "z"].map(chosen));
      await bench.commit(chosen("x"));
      const found = await readAll(await bench.open());
      checkEqual(
        found.map(({ id, position }) => [id, position]),
        [["x", 1], ["y", 2], ["z", 3]],
        "each once, in order, and no number is wasted",
      );
    },
  },
  {
    name: "batch: what is counted stands among what is not",
    async run(bench) {
      const of = (key: string, counted: boolean) =>
        bench.message({ key, counted });
      await bench.commit(of("a", true), of("a", false), of("b", true));
      await bench.commit(of("a", true), of("b", false), of("a", true));
      const found = await readAll(await bench.open());
      checkEqual(
        found.map(({ key, position }) => [key, position]),
        [["a", 1], ["a", null], ["b", 1], ["a", 2], ["b", null], ["a", 3]],
        "only what is counted has a position",
      );
    },
  },
];

/** Writes rows and messages in one batch. */
function write(
  bench: StorageBench,
  rows: readonly string[],
  ids: readonly string[],
): Promise<void> {
  return bench.harness.transaction(async (tx) => {
    await bench.insert(tx, bench.messages(...ids));
    for (const id of rows) await bench.harness.writeRow(tx, id);
  });
}

async function checkPresent(
  bench: StorageBench,
  ids: readonly string[],
  rows: readonly string[],
): Promise<void> {
  const found = idsOf(await readAll(await bench.open()));
  checkEqual(found, ids, "there are exactly these messages");
  const written = [...await bench.harness.rows()].sort();
  checkEqual(written, rows, "there are exactly these rows");
}
