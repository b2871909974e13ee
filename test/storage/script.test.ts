/**
 * Scripts: a statement does the same, whether its values are in its text or not.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import { scriptOf } from "../../adapters/libsql/script.ts";
import type { SqlValue } from "../../adapters/sqlite/driver.ts";
import { createRig } from "./rig.ts";

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
