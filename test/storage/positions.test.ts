/**
 * Positions in SQLite: a trigger counts, at the price of one page.
 */

import { libsqlStorage } from "@mailboat/outbox/libsql";
import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { adapters, createRig, everything, message, type Rig } from "./rig.ts";

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

test("a table that was made anew has lost its trigger, and is mended", async () => {
  const rig = await createRig();
  await rig.commit(counted("a"), counted("a"));
  await rig.client.executeMultiple(`
CREATE TABLE anew AS SELECT * FROM mailboat_message;
DROP TABLE mailboat_message;
ALTER TABLE anew RENAME TO mailboat_message;`);
  const fresh = libsqlStorage(rig.client);
  await expect(fresh.open()).rejects
    .toMatchObject({ code: "STORAGE_NOT_MIGRATED" });
  await rig.storage.migrate();
  await (await rig.open()).close();
});

test.each(adapters)(
  "a message that nobody counted is set aside, not sent without, with $name",
  async (adapter) => {
    const rig = await createRig(adapter);
    await rig.commit(counted("a"));
    await rig.client.execute("DROP TRIGGER mailboat_message_counting");
    await rig.commit(counted("a"));
    await rig.storage.migrate();
    const { messages } = await (await rig.open()).read(everything);
    expect(messages.map(({ position, damage }) => [position, damage])).toEqual([
      [1, undefined],
      [null, "Its row was damaged by somebody else: position"],
    ]);
    await rig.commit(counted("a"));
    expect((await positions(rig))[2]).toBe(2);
  },
);

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

test("a key is as old as its last counted message, not as its first", async () => {
  const rig = await createRig();
  await rig.commit(counted("a"), counted("b"), counted("a"));
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
