/**
 * What only the storage of a Durable Object does.
 *
 * @module
 */

import { createOutbox, type Draft, type DraftOptions } from "@mailboat/outbox";
import {
  durableObjectStorage,
  durableObjectTransactions,
} from "@mailboat/outbox/durable-object";
import type { ConformanceCase } from "@mailboat/outbox/testing";
import { ObjectConnection } from "../../../adapters/durable_object/connection.ts";
import type { ObjectStorage } from "./object_harness.ts";
import { caught, codeOf, idsIn, same } from "./outcomes.ts";
import { reading } from "./reading.ts";

/** Cases on the database of an object. */
export function objectCases(
  database: ObjectStorage,
): readonly ConformanceCase[] {
  const on = (
    name: string,
    run: (bench: Awaited<ReturnType<typeof benchOn>>) => Promise<void>,
  ): ConformanceCase => ({
    name: `durable object: ${name}`,
    run: async () => await run(await benchOn(database)),
  });
  return [
    on("a transaction commits rows and messages together", async (bench) => {
      const { storage, outbox, rows, store } = bench;
      const receipts = storage.transaction((tx) => {
        tx.sql.exec("INSERT INTO business VALUES ('row')");
        return outbox.enqueue(tx, reading({ kwh: 1 }), reading({ kwh: 2 }));
      });
      same(receipts.map(({ stored }) => stored), [true, true]);
      same([rows(), await idsIn(store)], [["row"], idsOf(receipts)]);
    }),
    on("a transaction that throws leaves neither", async (bench) => {
      const { storage, outbox, rows, store } = bench;
      const undone = new Error("undone");
      const thrown = caught(() =>
        storage.transaction((tx) => {
          tx.sql.exec("INSERT INTO business VALUES ('row')");
          outbox.enqueue(tx, reading({ kwh: 1 }));
          throw undone;
        })
      );
      same(thrown, undone);
      same([rows(), await idsIn(store)], [[], []]);
    }),
    on("a callback that returns a promise is rolled back", async (bench) => {
      const { storage, outbox, rows, store } = bench;
      const thrown = caught(() =>
        storage.transaction(async (tx) => {
          tx.sql.exec("INSERT INTO business VALUES ('row')");
          outbox.enqueue(tx, reading({ kwh: 1 }));
          await null;
          throw new Error("nobody waits for this");
        })
      );
      same(codeOf(thrown), "INVALID_OPTION");
      same([rows(), await idsIn(store)], [[], []]);
    }),
    on(
      "a handle ends with its work, and ctx.storage is none",
      async (bench) => {
        const { storage, outbox, store } = bench;
        const leaked = storage.transaction((tx) => tx);
        const draft = reading({ kwh: 1 });
        const over = caught(() => outbox.enqueue(leaked, draft));
        same(codeOf(over), "TRANSACTION_FINISHED");
        const bare = caught(() => outbox.enqueue(database as never, draft));
        same(codeOf(bare), "NOT_A_TRANSACTION");
        same(await idsIn(store), []);
      },
    ),
    on("none begins while another awaits something", async (bench) => {
      const { storage } = bench;
      const codes: unknown[] = [];
      await durableObjectTransactions(database).transaction(async () => {
        codes.push(codeOf(caught(() => storage.transaction(() => {}))));
        await null;
      });
      same(codes, ["STORAGE_BUSY"]);
      same(storage.transaction(() => "afterwards"), "afterwards");
    }),
    on("integers beyond 2^53 stay what they are", () => {
      const ends = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n];
      const connection = new ObjectConnection(database);
      const { rows: [row] } = connection.run({
        sql: `SELECT CAST(json_array(?, ?, ?) AS BLOB) "json",
  typeof(?) || ' ' || typeof(?) "kinds"`,
        args: [...ends, 1n, "text"],
      });
      const json = new TextDecoder().decode(row?.["json"] as Uint8Array);
      same(json, `[${ends.join(",")}]`);
      same(row?.["kinds"], "integer text");
      return Promise.resolve();
    }),
    on("more than a value holds is stored and read in parts", async (bench) => {
      const { storage, outbox, store } = bench;
      const drafts = many(20, { kwh: "4".repeat(250_000) });
      const receipts = storage.transaction((tx) =>
        outbox.enqueue(tx, ...drafts)
      );
      same(await idsIn(store), idsOf(receipts));
    }),
    on("more headers than a value holds are read in parts", async (bench) => {
      const { storage, outbox, store } = bench;
      const headers = { note: "n".repeat(60_000) };
      const drafts = many(100, { kwh: 1 }, { headers });
      const receipts = storage.transaction((tx) =>
        outbox.enqueue(tx, ...drafts)
      );
      same(await idsIn(store), idsOf(receipts));
    }),
    on("of parts, all are stored or none", async (bench) => {
      const { storage, outbox, store } = bench;
      const fits = many(10, { kwh: "4".repeat(250_000) });
      const tooLarge = reading({ kwh: "4".repeat(2_000_000) });
      const code = storage.transaction((tx) =>
        codeOf(caught(() => outbox.enqueue(tx, ...fits, tooLarge)))
      );
      same(code, "PAYLOAD_TOO_LARGE");
      same(await idsIn(store), []);
    }),
    on("what has no SQLite is refused", () => {
      for (const wrong of [{}, null, { storage: database }, database.sql]) {
        same(
          codeOf(caught(() => durableObjectStorage(wrong as never))),
          "INVALID_OPTION",
        );
      }
      return Promise.resolve();
    }),
  ];
}

async function benchOn(database: ObjectStorage) {
  await database.deleteAll();
  database.sql.exec("CREATE TABLE business (id TEXT)");
  const storage = durableObjectStorage(database);
  await storage.migrate();
  const rows = () =>
    database.sql.exec("SELECT id FROM business").toArray()
      .map((row) => (row as { id: unknown }).id);
  const outbox = createOutbox({ storage, maxPayloadBytes: 3_000_000 });
  return { storage, outbox, rows, store: await storage.open() };
}

function many(count: number, data: object, options?: DraftOptions): Draft[] {
  return Array.from({ length: count }, () => reading(data, options));
}

function idsOf(messages: readonly { readonly id: string }[]): string[] {
  return messages.map(({ id }) => id);
}
