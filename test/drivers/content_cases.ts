/**
 * Contents: what drivers make of bytes and of numbers.
 *
 * @module
 */

import type { ConformanceCase } from "@mailboat/outbox/testing";
import assert from "node:assert/strict";
import type { Driver } from "./driver.ts";
import { everything, message, meterRead, type Rig, withRig } from "./rig.ts";

const allBytes = Uint8Array.from({ length: 1_024 }, (_, at) => at % 256);

const payloads: Readonly<Record<string, Uint8Array>> = {
  "empty": new Uint8Array(),
  "a part of a larger buffer": allBytes.subarray(10, 20),
  "the rest of a larger buffer": new Uint8Array(allBytes.buffer, 1_000),
  "every byte": allBytes,
  "a megabyte": new Uint8Array(2 ** 20).fill(0xa5),
};

const letter = {
  consumer: "billing",
  topic: "meters/m-1",
  payload: new Uint8Array(),
  properties: {},
  id: "1",
  source: "/gateway",
  event: "meter.read",
  code: "HANDLER_FAILED",
  reason: "no reason",
  attempts: 1,
  setAsideAtMs: 1,
};

export function contentCases(driver: Driver): readonly ConformanceCase[] {
  const test = withRig.bind(null, driver);
  return [
    ...Object.entries(payloads).map(([name, payload]) =>
      test(`payload: ${name}`, async (rig) => {
        insert(rig, [
          message({ payload }),
          message({ correlationData: payload }),
        ]);
        const store = await rig.open();
        const { messages: [first, second] } = await store.read(everything);
        assert.ok(first?.payload instanceof Uint8Array);
        assert.deepEqual([...first.payload], [...payload]);
        assert.deepEqual([...second?.correlationData ?? []], [...payload]);
      })
    ),
    test("messages: a thousand in one call", async (rig) => {
      const drafts = Array.from(
        { length: 1_000 },
        (_, n) => meterRead({ meter: `m-${n % 7}`, n }),
      );
      const receipts = rig.storage.transaction((tx) =>
        rig.outbox.enqueue(tx, ...drafts)
      );
      assert.equal(receipts.length, 1_000);
      assert.deepEqual(await rig.ids(), receipts.map(({ id }) => id));
    }),
    test("numbers: beyond 2^53 they are read, whoever wrote them", async (rig) => {
      insert(rig, [message({ id: "a" })]);
      rig.db.exec(
        `UPDATE mailboat_message SET "enqueued_at_ms" = ${2n ** 63n - 1n}`,
      );
      assert.deepEqual(await rig.ids(), ["a"]);
      const row = rig.storage.transaction((tx) => {
        insertIn(rig, [message({ id: "b" })]);
        return tx.prepare("SELECT id FROM mailboat_message").all().length;
      });
      assert.equal(row, 2);
    }),
    test("numbers: beyond 2^53 they are read from letters", async (rig) => {
      const { db, storage: { letters } } = rig;
      db.exec("BEGIN IMMEDIATE");
      await letters.put(db, letter, 10);
      db.exec(`UPDATE mailboat_letter SET "number" = ${2n ** 62n}`);
      const request = { consumer: letter.consumer, after: 0, limit: 10 };
      const [listed] = await letters.list(db, request);
      db.exec("COMMIT");
      assert.equal(listed?.number, 2 ** 62);
    }),
    test("numbers: integers are stored as integers", async (rig) => {
      insert(rig, [message({ ttlMs: 60_000 })]);
      const [row] = rig.db.prepare(
        `SELECT typeof("enqueued_at_ms") "a", typeof("ttl_ms") "b"
         FROM mailboat_message`,
      ).all();
      assert.deepEqual({ ...row as object }, { a: "integer", b: "integer" });
      await rig.open();
    }),
  ];
}

function insert(rig: Rig, messages: ReturnType<typeof message>[]): void {
  rig.storage.transaction(() => insertIn(rig, messages));
}

function insertIn(
  { db, storage }: Rig,
  messages: ReturnType<typeof message>[],
) {
  storage.writer.insertSync(db, messages);
}
