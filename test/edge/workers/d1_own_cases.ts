/**
 * What only the storage in a D1 database does.
 *
 * @module
 */

import { createOutbox } from "@mailboat/outbox";
import { d1Storage } from "@mailboat/outbox/d1";
import type { ConformanceCase } from "@mailboat/outbox/testing";
import { D1Driver } from "../../../adapters/d1/driver.ts";
import { type Database, emptied } from "./d1_harness.ts";
import { caught, codeOf, idsIn, same } from "./outcomes.ts";
import { reading } from "./reading.ts";

/** Cases on a database. */
export function d1Cases(database: Database): readonly ConformanceCase[] {
  const on = (
    name: string,
    run: (bench: Awaited<ReturnType<typeof benchOn>>) => Promise<void>,
  ): ConformanceCase => ({
    name: `D1: ${name}`,
    run: async () => await run(await benchOn(database)),
  });
  return [
    on("enqueue is refused, and says what to do instead", async (bench) => {
      const enqueueing = bench.outbox.enqueue(database as never, reading({}));
      const error = await enqueueing.catch((thrown: unknown) => thrown);
      same(codeOf(error), "NOT_A_TRANSACTION");
      const { message } = error as Error;
      same(/prepare\(\).*DB\.batch\(\)/.test(message), true);
    }),
    on("integers beyond 2^53 stay what they are", async () => {
      const ends = [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n + 1n];
      const [row] = await new D1Driver(database).query({
        sql: `SELECT CAST(json_array(?, ?, ?) AS BLOB) "json",
  typeof(?) || ' ' || typeof(?) "kinds"`,
        args: [...ends, 1n, "text"],
      });
      const json = new TextDecoder().decode(row?.["json"] as Uint8Array);
      same(json, `[${ends.join(",")}]`);
      same(row?.["kinds"], "integer text");
    }),
    on("a part of a buffer is bound, and not all of it", async () => {
      const part = Uint8Array.of(1, 2, 3, 4, 5).subarray(1, 3);
      const [row] = await new D1Driver(database).query({
        sql: `SELECT ? "bytes"`,
        args: [part],
      });
      same(row?.["bytes"], Uint8Array.of(2, 3));
    }),
    on("more than a value holds is stored and read in parts", async (bench) => {
      const { outbox, store } = bench;
      const data = { kwh: "4".repeat(250_000) };
      const drafts = Array.from({ length: 12 }, () => reading(data));
      const { ids, statements } = await outbox.prepare(...drafts);
      same(statements.length > 1, true);
      await database.batch([...statements]);
      same(await idsIn(store), ids);
    }),
    on("more headers than a value holds are read in parts", async (bench) => {
      const { outbox, store } = bench;
      const headers = { note: "n".repeat(60_000) };
      const drafts = Array.from(
        { length: 50 },
        () => reading({}, { headers }),
      );
      const { ids, statements } = await outbox.prepare(...drafts);
      await database.batch([...statements]);
      same(await idsIn(store), ids);
    }),
    on(
      "what no row holds is refused before anything is sent",
      async (bench) => {
        const tooLarge = reading({ kwh: "4".repeat(2_000_000) });
        const preparing = bench.outbox.prepare(reading({}), tooLarge);
        const error = await preparing.catch((thrown: unknown) => thrown);
        same(codeOf(error), "PAYLOAD_TOO_LARGE");
      },
    ),
    on("a session and what is no database are refused", () => {
      const session = (database as unknown as {
        withSession(constraint: string): unknown;
      }).withSession("first-unconstrained");
      for (const wrong of [session, {}, null, { DB: database }]) {
        const error = caught(() => d1Storage(wrong as never));
        same(codeOf(error), "INVALID_OPTION");
      }
      return Promise.resolve();
    }),
  ];
}

async function benchOn(database: Database) {
  await emptied(database);
  const storage = d1Storage(database);
  await storage.migrate();
  const outbox = createOutbox({ storage, maxPayloadBytes: 3_000_000 });
  return { outbox, store: await storage.open() };
}
