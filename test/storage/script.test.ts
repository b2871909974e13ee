/**
 * Scripts: a statement does the same, whether its values are in its text or not,
 * and so does an enqueue.
 */

import { drizzleStorage } from "@mailboat/outbox/drizzle";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { drizzle } from "drizzle-orm/libsql";
import fc from "fast-check";
import { expect, test } from "vitest";
import { scriptOf } from "../../adapters/libsql/script.ts";
import type { SqlValue } from "../../adapters/sqlite/driver.ts";
import { createRig, message, messages, openClient, readIds } from "./rig.ts";

const MAX = 2n ** 63n - 1n;

const anyValue: fc.Arbitrary<SqlValue> = fc.oneof(
  fc.constantFrom(
    null,
    "",
    "'",
    "''",
    "\0",
    "a\0'b",
    "?",
    "--",
    "; DROP TABLE t",
  ),
  fc.string({ unit: "binary" }),
  fc.bigInt({ min: -MAX, max: MAX }),
  fc.uint8Array({ maxLength: 64 }),
);

test("values arrive as if they were bound", async () => {
  const { client } = await createRig();
  await client.execute("CREATE TABLE t (n integer PRIMARY KEY, a, b)");
  const sql = "INSERT INTO t (a, b) VALUES (?, ?)";
  const read = `SELECT typeof(a), CAST(a AS BLOB), typeof(b), CAST(b AS BLOB)
    FROM t ORDER BY n`;
  await fc.assert(
    fc.asyncProperty(anyValue, anyValue, async (...args) => {
      await client.execute("DELETE FROM t");
      await client.execute({ sql, args });
      await client.executeMultiple(scriptOf([{ sql, args }])!);
      const { rows } = await client.execute(read);
      const [bound, written] = rows.map((row) => Array.from(row));
      expect(written).toEqual(bound);
    }),
    { numRuns: 300 },
  );
});

test("a statement that returns rows is in no script, nor is one that is long", () => {
  const remove = { sql: "DELETE FROM t WHERE a = ?", args: ["x"] };
  expect(scriptOf([remove, remove]))
    .toBe("DELETE FROM t WHERE a = 'x';\nDELETE FROM t WHERE a = 'x'");
  expect(scriptOf([remove, { sql: "SELECT 1", args: [] }])).toBeNull();
  expect(scriptOf([{ ...remove, args: ["x".repeat(100_000)] }])).toBeNull();
});

test("libsql: an enqueue that meets a lock leaves the connection as it was", async () => {
  const rig = await createRig();
  // One connection, so that the next transaction gets the same one.
  const client = await openClient(rig.path, { concurrency: 1, timeout: 0 });
  const storage = libsqlStorage(client);
  await storage.migrate();
  const { writer } = storage;
  const enqueue = async () => {
    const tx = await client.transaction("write");
    expect(await writer.insert(tx, [message()])).toEqual([true]);
    await tx.commit();
  };
  await enqueue();
  const holding = await rig.client.transaction("write");
  const tx = await client.transaction("deferred");
  await expect(writer.insert(tx, [message()]))
    .rejects.toMatchObject({ code: "STORAGE_BUSY" });
  await tx.rollback();
  await holding.rollback();
  for (let round = 0; round < 3; round++) await enqueue();
  expect(await rig.column("SELECT count(*) FROM mailboat_message"))
    .toEqual([4]);
});

test("drizzle: its logger hears of an enqueue, within a savepoint too", async () => {
  const rig = await createRig();
  const queries: string[] = [];
  const logger = { logQuery: (query: string) => void queries.push(query) };
  const db = drizzle({ client: rig.client, logger });
  const { writer } = drizzleStorage(db, libsqlStorage(rig.client));
  await db.transaction(async (tx) => {
    expect(await writer.insert(tx, messages("a"))).toEqual([true]);
    await tx.transaction(async (inner) => {
      expect(await writer.insert(inner, messages("b"))).toEqual([true]);
    });
    const undone = tx.transaction(async (inner) => {
      await writer.insert(inner, messages("c"));
      inner.rollback();
    });
    await expect(undone).rejects.toThrow();
  });
  expect(await readIds(await rig.open())).toEqual(["a", "b"]);
  const inserts = queries.filter((query) => query.startsWith("INSERT INTO"));
  expect(inserts).toHaveLength(3);
});
