/**
 * Platforms with small values and one kind of number: messages are stored and
 * read in parts, and integers travel as text.
 */

import type { NewMessage } from "@mailboat/outbox";
import { expect, test } from "vitest";
import { decimal } from "../../adapters/sqlite/decimal.ts";
import { storageError } from "../../adapters/sqlite/errors.ts";
import { partsOf } from "../../adapters/sqlite/parts.ts";
import { fitting, inPieces } from "../../adapters/sqlite/pieces.ts";
import { sampleMessage } from "../support/sample_message.ts";

test("only integers are bound as text, each in its place", () => {
  const bytes = Uint8Array.of(1);
  expect(decimal({
    sql: "SELECT ?, ?, ?, ? LIMIT ?",
    args: [1n, "1", null, bytes, -(2n ** 63n)],
  })).toEqual({
    sql: "SELECT CAST(? AS INTEGER), ?, ?, ? LIMIT CAST(? AS INTEGER)",
    args: ["1", "1", null, bytes, "-9223372036854775808"],
  });
  const plain = { sql: "SELECT ?", args: ["1"] };
  expect(decimal(plain)).toEqual(plain);
});

test("parts are in order, as large as they may be, and no larger", () => {
  const messages = Array.from(
    { length: 10 },
    (_, at) => newMessage({ id: `${at}`, payload: new Uint8Array(1_000) }),
  );
  const parts = partsOf("enqueue", messages, 4_000);
  expect(parts.flat()).toEqual(messages);
  expect(parts.length).toBeGreaterThan(2);
  expect(parts.every((part) => part.length >= 1 && part.length < 4)).toBe(true);
  expect(partsOf("enqueue", [], 4_000)).toEqual([]);
});

test("what fits into no part is refused, payload and headers together", () => {
  const headers = { note: "é".repeat(1_500) };
  const large = newMessage({ payload: new Uint8Array(1_500), headers });
  expect(() => partsOf("enqueue", [large], 4_000)).toThrow(
    expect.objectContaining({ code: "PAYLOAD_TOO_LARGE" }),
  );
  expect(partsOf("enqueue", [large], 6_000)).toEqual([[large]]);
});

function newMessage(given: Partial<NewMessage>): NewMessage {
  return { ...sampleMessage(given), chosenId: false, counted: false };
}

/** Reads numbers, as long as they are no more than fit. */
function reader(numbers: readonly number[], fit: number) {
  return (after: number, limit: number) => {
    const rows = numbers.filter((n) => n > after).slice(0, limit);
    return rows.length > fit
      ? Promise.reject(new Error("string or blob too big: SQLITE_TOOBIG"))
      : Promise.resolve(rows);
  };
}

test.each([1, 2, 3, 7, 100])(
  "a list is whole, and no longer than its limit, where %i rows fit",
  async (fit) => {
    const numbers = Array.from({ length: 50 }, (_, at) => 2 * at + 1);
    const read = reader(numbers, fit);
    const placeOf = (n: number) => n;
    for (const limit of [1, 2, 49, 50, 51, 200]) {
      expect(await inPieces(0, limit, { read, placeOf }))
        .toEqual(numbers.slice(0, limit));
    }
    expect(await inPieces(99, 10, { read, placeOf })).toEqual([]);
  },
);

test("one row that does not fit, and any other failure, are told of", async () => {
  const read = reader([1, 2], 0);
  await expect(fitting(8, (limit) => read(0, limit))).rejects.toThrow("TOOBIG");
  let asked = 0;
  const failing = fitting(8, () => {
    asked++;
    return Promise.reject(new Error("disk I/O error: SQLITE_IOERR"));
  });
  await expect(failing).rejects.toThrow("SQLITE_IOERR");
  expect(asked).toBe(1);
});

test.each([
  [
    "D1_ERROR: no such table: mailboat_schema: SQLITE_ERROR",
    "STORAGE_NOT_MIGRATED",
  ],
  ["database or disk is full: SQLITE_FULL", "STORAGE_FULL"],
  ["no such table: a (see SQLITE_FULL)", "STORAGE_FAILED"],
])("what Cloudflare says in a message is understood: %s", (text, code) => {
  expect(storageError("read", new Error(text)).code).toBe(code);
});
