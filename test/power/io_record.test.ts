/**
 * What the recorder has written, read back.
 */

import { expect, test } from "vitest";
import { readRecord } from "./io_record.ts";

function entry(kind: number, file: string, offset = 0, text = ""): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(kind, 0);
  header.writeUInt32LE(file.length, 4);
  header.writeBigUInt64LE(BigInt(offset), 8);
  header.writeBigUInt64LE(BigInt(text.length), 16);
  return Buffer.concat([header, Buffer.from(file), Buffer.from(text)]);
}

const log = Buffer.concat([
  entry(1, "app.db-wal", 32, "frame"),
  entry(2, "app.db", 4_096),
  entry(3, ""),
  entry(4, "app.db-wal"),
]);

test("a record is read in order", () => {
  expect(readRecord(log)).toEqual([
    {
      type: "write",
      file: "app.db-wal",
      offset: 32,
      bytes: Buffer.from("frame"),
    },
    { type: "truncate", file: "app.db", size: 4_096 },
    { type: "sync", file: "" },
    { type: "unlink", file: "app.db-wal" },
  ]);
});

test("what was cut off in the middle was not done", () => {
  const lengths = Array.from(
    { length: log.length + 1 },
    (_, end) => readRecord(log.subarray(0, end)).length,
  );
  expect(lengths).toEqual([...lengths].sort());
  expect(new Set(lengths)).toEqual(new Set([0, 1, 2, 3, 4]));
});

test("an unknown kind is an error, not an omission", () => {
  expect(() => readRecord(entry(9, "a"))).toThrow(
    "Cannot read a record as its kind must be 1 to 4: current value is 9",
  );
});
