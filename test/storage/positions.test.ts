/**
 * Positions in SQLite: counted by a statement of their own, at the price of one
 * page.
 */

import { drizzleStorage } from "@mailboat/outbox/drizzle";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { drizzle } from "drizzle-orm/libsql";
import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { createRig, everything, message, type Rig } from "./rig.ts";

/** A page in the write-ahead log: a header of 24 bytes, and the page. */
const FRAME_BYTES = 24 + 4_096;

const counted = (key: string, bytes = 256) =>
  message({ key, counted: true, payload: new Uint8Array(bytes).fill(65) });

async function positions(rig: Rig): Promise<(number | null)[]> {
  const { messages } = await (await rig.open()).read(everything);
  return messages.map(({ position }) => position);
}

/** How much each of some commits adds to the log, after a few that do not count. */
async function logBytes(make: (at: number) => ReturnType<typeof counted>) {
  const rig = await createRig();
  await rig.client.execute("PRAGMA wal_autocheckpoint=0");
  // So many that a position has more digits than the first one had.
  for (let at = 0; at < 140; at++) await rig.commit(make(at));
  const before = statSync(`${rig.path}-wal`).size;
  for (let at = 140; at < 240; at++) await rig.commit(make(at));
  return statSync(`${rig.path}-wal`).size - before;
}

test.each([256, 20_000])(
  "it costs one page per commit, whatever the payload's size: %s bytes",
  async (bytes) => {
    const plain = await logBytes(() => ({
      ...counted("m-1", bytes),
      counted: false,
    }));
    const dear = await logBytes(() => counted("m-1", bytes));
    expect((dear - plain) / FRAME_BYTES).toBeCloseTo(100, -1);
  },
);

test("what repeats the id of a message that is not counted is not counted either", async () => {
  const rig = await createRig();
  const of = (key: string | null, more: object) =>
    message({ key, id: "once", chosenId: true, ...more });
  const stored = await rig.commit(
    of(null, { counted: true }),
    of("a", { counted: true }),
  );
  expect(stored).toEqual([true, false]);
  await rig.commit(counted("a"));
  expect(await positions(rig)).toEqual([null, 1]);
});

test("a table that was made anew goes on counting", async () => {
  const rig = await createRig();
  await rig.commit(counted("a"), counted("a"));
  await rig.client.executeMultiple(`
CREATE TABLE anew AS SELECT * FROM mailboat_position;
DROP TABLE mailboat_position;
CREATE TABLE mailboat_position (
  "key" text PRIMARY KEY NOT NULL, "position" integer NOT NULL,
  "seq" integer NOT NULL
);
INSERT INTO mailboat_position SELECT * FROM anew;`);
  await rig.commit(counted("a"));
  expect(await positions(rig)).toEqual([1, 2, 3]);
});

test("who does not count writes no counter, and runs one statement", async () => {
  const rig = await createRig();
  const { statements } = rig.storage.writer;
  expect(statements([message(), message()])).toHaveLength(1);
  expect(statements([message(), counted("a")])).toHaveLength(2);
  expect(statements([{ ...counted("a"), key: null }])).toHaveLength(1);
});

test("an enqueue that fails after it counted stores nothing, and leaves a gap", async () => {
  const rig = await createRig();
  await rig.commit(counted("a"));
  await rig.client.execute(
    `CREATE TRIGGER spoiler BEFORE INSERT ON mailboat_message
BEGIN SELECT RAISE(ABORT, 'spoilt'); END`,
  );
  const tx = await rig.client.transaction("write");
  const { writer } = libsqlStorage(rig.client);
  await expect(writer.insert(tx, [counted("a")])).rejects.toThrow("spoilt");
  await tx.commit();
  await rig.client.execute("DROP TRIGGER spoiler");
  await rig.commit(counted("a"));
  expect(await positions(rig)).toEqual([1, 3]);
});

test("a savepoint and its transaction count one after the other", async () => {
  const rig = await createRig();
  const db = drizzle({ client: rig.client });
  const { writer } = drizzleStorage(db, libsqlStorage(rig.client));
  await db.transaction(async (tx) => {
    await writer.insert(tx, [counted("a")]);
    await tx.transaction(async (inner) => {
      await Promise.all(
        [tx, inner, tx].map((each) => writer.insert(each, [counted("a")])),
      );
    });
  });
  expect(await positions(rig)).toEqual([1, 2, 3, 4]);
});

test("a handle whose connection must not be looked at is no transaction", async () => {
  const rig = await createRig();
  const db = drizzle({ client: rig.client });
  const { writer } = drizzleStorage(db, libsqlStorage(rig.client));
  const handle = {
    run: () => Promise.reject(new Error("not to be run")),
    rollback() {},
    get session() {
      throw new Error("not to be looked at");
    },
  };
  await expect(writer.insert(handle as never, [counted("a")])).rejects
    .toMatchObject({ code: "NOT_A_TRANSACTION" });
});

test("nothing is written where no key is to be forgotten", async () => {
  const rig = await createRig();
  await rig.commit(counted("a"), counted("b"));
  const store = await rig.open();
  const before = statSync(`${rig.path}-wal`).size;
  for (let round = 0; round < 5; round++) {
    expect(await store.forgetPositions({ countedBefore: 1, limit: 10 }))
      .toEqual({ forgotten: 0 });
  }
  expect(statSync(`${rig.path}-wal`).size).toBe(before);
});

test("a key that is counted between the look and the removal is kept", async () => {
  const rig = await createRig();
  await rig.commit(counted("a"));
  await rig.commit(counted("b"));
  const store = await rig.open();
  const [one, other] = [await rig.open(), store];
  const request = { countedBefore: 2, limit: 10 };
  const forgotten = await Promise.all([
    rig.commit(counted("a")),
    one.forgetPositions(request).catch(() => null),
    other.forgetPositions(request).catch(() => null),
  ]);
  expect(forgotten).toHaveLength(3);
  await rig.commit(counted("a"));
  const found = (await positions(rig)).filter((_, at) => at !== 1);
  // Either it was forgotten before it was counted again, or not at all.
  expect([[1, 2, 3], [1, 1, 2]]).toContainEqual(found);
});

test.each([
  ["in one call", [["a", "b", "a"]]],
  ["in three", [["a"], ["b"], ["a"]]],
])("a key is as old as its last counted message: %s", async (_, calls) => {
  const rig = await createRig();
  for (const keys of calls) {
    await rig.commit(...keys.map((key) => counted(key)));
  }
  const store = await rig.open();
  const request = { countedBefore: 3, limit: 10 };
  const parts = [
    await store.forgetPositions(request),
    await store.forgetPositions(request),
  ];
  expect(parts.map(({ forgotten }) => forgotten).sort()).toEqual([0, 1]);
  await rig.commit(counted("a"), counted("b"));
  expect(await positions(rig)).toEqual([1, 1, 2, 3, 1]);
});
