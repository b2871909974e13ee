/**
 * Reading on: in commit order, bounded, and never past a message.
 */

import type { FailureRecord, Page, Store } from "@mailboat/outbox";
import { expect, test } from "vitest";
import {
  createRig,
  everything,
  message,
  messages,
  readIds,
  type Rig,
} from "./rig.ts";
import { LogFile } from "../../adapters/sqlite/log_file.ts";
import { SqliteStore } from "../../adapters/sqlite/store.ts";
import { tablesOf } from "../../adapters/sqlite/tables.ts";

const SCAN_ROWS = 5_000;

const ids = (page: Page) => page.messages.map(({ id }) => id);

/** Commits many small messages, of the keys that a function of their number names. */
async function fill(
  rig: Rig,
  count: number,
  keyOf: (at: number) => string | null,
): Promise<void> {
  await rig.commit(
    ...Array.from({ length: count }, (_, at) =>
      message({
        id: `${at + 1}`,
        key: keyOf(at + 1),
        payload: new Uint8Array(1),
      })),
  );
}

/** Records a failure for a message. */
async function fail(
  store: Store,
  seq: number,
  given: Partial<FailureRecord> = {},
): Promise<void> {
  const { lease } = await store.survey();
  const { epoch, beat } = lease;
  const mine = await store.acquire({
    owner: "test",
    leaseMs: 1,
    nowMs: 1,
    expect: { epoch, beat },
  });
  const failed: FailureRecord = {
    seq,
    key: "m-1",
    state: "retry",
    holds: true,
    attempts: 1,
    deaths: 0,
    trial: null,
    firstFailedAtMs: 1,
    failedAtMs: 1,
    delayMs: 1,
    code: "X",
    reason: "x",
    ...given,
  };
  await store.settle({
    lease: mine!,
    delivered: [],
    expired: [],
    recovered: [],
    failed: [failed],
    archive: false,
    keepExpired: 1_000,
    then: "release",
    proven: false,
    nowMs: 1,
  });
}

test("an empty outbox is at its end", async () => {
  const store = await (await createRig()).open();
  expect(await store.read({ ...everything, after: 7 }))
    .toEqual({ messages: [], scannedTo: 7, end: true });
});

test("a page goes on after the last one, and tells its end", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await rig.commit(...messages("a", "b", "c"));
  const first = await store.read({ ...everything, limit: 2 });
  expect([ids(first), first.scannedTo, first.end]).toEqual([
    ["a", "b"],
    2,
    false,
  ]);
  const second = await store.read({ ...everything, after: 2, limit: 2 });
  expect([ids(second), second.scannedTo, second.end]).toEqual([["c"], 3, true]);
});

test("the order is that of the commits, whatever the clock said", async () => {
  const rig = await createRig();
  const names = ["a", "b", "c", "d"];
  for (const [at, id] of names.entries()) {
    await rig.commit(message({ id, enqueuedAtMs: 1_000_000 - at }));
  }
  const store = await rig.open();
  const page = await store.read({ ...everything, limit: 2 });
  expect(ids(page)).toEqual(["a", "b"]);
  const lane = { key: "m-1", after: 1, upTo: 4, limit: 2, maxBytes: 1_000 };
  expect(ids(await store.readLane(lane))).toEqual(["b", "c"]);
});

test("a page that ends where the outbox ends says so", async () => {
  const rig = await createRig();
  await rig.commit(...messages("a", "b"));
  const page = await (await rig.open()).read({ ...everything, limit: 2 });
  expect(page).toMatchObject({ scannedTo: 2, end: true });
});

test("a page holds at most so many bytes, and at least one message", async () => {
  const rig = await createRig();
  const store = await rig.open();
  const sized = (bytes: number) => message({ payload: new Uint8Array(bytes) });
  await rig.commit(sized(60), sized(40), sized(1), sized(500), sized(0));
  const read = async (after: number, maxBytes: number) => {
    const page = await store.read({ ...everything, after, maxBytes });
    return [page.messages.map(({ seq }) => seq), page.scannedTo, page.end];
  };
  expect(await read(0, 100)).toEqual([[1, 2], 2, false]);
  expect(await read(0, 99)).toEqual([[1], 1, false]);
  expect(await read(0, 1)).toEqual([[1], 1, false]);
  expect(await read(2, 100)).toEqual([[3], 3, false]);
  expect(await read(3, 100)).toEqual([[4], 4, false]);
  expect(await read(3, 500)).toEqual([[4, 5], 5, true]);
});

test("keys are left out; messages without a key are not", async () => {
  const rig = await createRig();
  const keys = ["a", null, "b", "A", "", null, "a", "c'"];
  await rig.commit(...keys.map((key) => message({ key })));
  const page = await (await rig.open())
    .read({ ...everything, exceptKeys: ["a", "c'", ""] });
  expect(page.messages.map(({ key }) => key)).toEqual([null, "b", "A", null]);
  expect(page).toMatchObject({ scannedTo: 8, end: true });
});

test("ten thousand keys are left out", async () => {
  const rig = await createRig();
  await fill(rig, 10_000, (at) => `k-${at}`);
  await rig.commit(
    message({ id: "other", key: "other" }),
    message({ key: null }),
  );
  const store = await rig.open();
  const exceptKeys = Array.from({ length: 10_000 }, (_, at) => `k-${at + 1}`);
  const keys: (string | null)[] = [];
  let calls = 0;
  for (let after = 0, end = false; !end; calls++) {
    const page = await store.read({ ...everything, after, exceptKeys });
    expect(page.scannedTo).toBeGreaterThanOrEqual(after);
    keys.push(...page.messages.map(({ key }) => key));
    ({ scannedTo: after, end } = page);
  }
  expect(keys).toEqual(["other", null]);
  expect(calls).toBe(3);
});

test("one read looks at a bounded number of rows, and says how far", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await fill(rig, SCAN_ROWS + 10, (at) => at > SCAN_ROWS ? "free" : "held");
  const except = { ...everything, exceptKeys: ["held"], limit: 3 };
  const first = await store.read(except);
  expect(first).toEqual({ messages: [], scannedTo: SCAN_ROWS, end: false });
  const second = await store.read({ ...except, after: SCAN_ROWS });
  expect(ids(second)).toEqual(["5001", "5002", "5003"]);
  expect(second).toMatchObject({ scannedTo: 5_003, end: false });
});

test("every message is met once, whatever the limits", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await fill(rig, 300, (at) => at % 3 === 0 ? null : `k-${at % 5}`);
  for (const limit of [1, 7, 256]) {
    for (const maxBytes of [1, 10, 10_000]) {
      const met: string[] = [];
      for (let after = 0, end = false; !end;) {
        const page = await store
          .read({ after, limit, maxBytes, exceptKeys: ["k-1", "k-4"] });
        met.push(...ids(page));
        ({ scannedTo: after, end } = page);
      }
      const wanted = Array.from({ length: 300 }, (_, at) => at + 1)
        .filter((at) => at % 3 === 0 || ![1, 4].includes(at % 5));
      expect(met).toEqual(wanted.map(String));
    }
  }
});

test("messages with a failure record are left out; a lane leaves out dead ones only", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await rig.commit(...messages("a", "b", "c", "d"));
  await fail(store, 1);
  await fail(store, 3, { state: "dead", holds: true, delayMs: 0 });
  expect(await readIds(store)).toEqual(["b", "d"]);
  const lane = await store.readLane({ ...everything, key: "m-1", upTo: 4 });
  expect(ids(lane)).toEqual(["a", "b", "d"]);
  expect(lane).toMatchObject({ scannedTo: 4, end: true });
});

test("a lane is read after and up to the sequences given", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await fill(rig, 30, (at) => ["x", "y", null][at % 3]!);
  const read = async (key: string | null, after: number, upTo: number) =>
    (await store.readLane({ ...everything, key, after, upTo })).messages
      .map(({ seq }) => seq);
  expect(await read("x", 3, 12)).toEqual([6, 9, 12]);
  expect(await read("y", 1, 4)).toEqual([4]);
  expect(await read(null, 0, 8)).toEqual([2, 5, 8]);
  expect(await read(null, 4, 5)).toEqual([5]);
  expect(await read("x", 12, 12)).toEqual([]);
  expect(await read("z", 0, 30)).toEqual([]);
});

test("a lane's page is bounded in messages, bytes and rows looked at", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await fill(rig, SCAN_ROWS + 10, (at) => at > SCAN_ROWS ? "late" : "early");
  const lane = { ...everything, upTo: SCAN_ROWS + 10 };
  expect(await store.readLane({ ...lane, key: "late" }))
    .toEqual({ messages: [], scannedTo: SCAN_ROWS, end: false });
  expect(await store.readLane({ ...lane, key: "early", limit: 2 }))
    .toMatchObject({ scannedTo: 2, end: false });
  const late = { ...lane, key: "late", after: SCAN_ROWS };
  expect(ids(await store.readLane({ ...late, maxBytes: 3 })))
    .toEqual(["5001", "5002", "5003"]);
  expect(await store.readLane(late)).toMatchObject({
    scannedTo: 5_010,
    end: true,
  });
});

test("a survey shows the ends of the queue", async () => {
  const rig = await createRig();
  const store = await rig.open();
  expect(await store.survey()).toEqual({
    lease: {
      epoch: 0,
      owner: null,
      beat: 0,
      leaseMs: 0,
      renewedAtMs: 0,
      unproven: 0,
    },
    revision: 0,
    newestSeq: 0,
    oldest: null,
    expired: 0,
  });
  await rig.commit(message({ enqueuedAtMs: 42 }), ...messages("b", "c"));
  expect(await store.survey())
    .toMatchObject({ newestSeq: 3, oldest: { seq: 1, enqueuedAtMs: 42 } });
  await fail(store, 1, { state: "dead" });
  expect((await store.survey()).oldest?.seq).toBe(1);
});

test("failure records are listed by sequence, page by page", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await rig.commit(...messages("a", "b", "c"));
  const record: Partial<FailureRecord> = {
    key: "m-1",
    state: "dead",
    holds: false,
    attempts: 7,
    deaths: 0,
    trial: null,
    firstFailedAtMs: 11,
    failedAtMs: 22,
    delayMs: 0.5,
    code: "0x97",
    reason: 'it\'s "full" ⛵',
  };
  await fail(store, 3, record);
  await fail(store, 1, { key: null });
  const all = await store.failures({ after: 0, limit: 10 });
  expect(all.map(({ seq }) => seq)).toEqual([1, 3]);
  expect(all[1]).toEqual({ seq: 3, ...record });
  expect(all[0]?.key).toBeNull();
  expect(await store.failures({ after: 0, limit: 1 })).toEqual([all[0]]);
  expect(await store.failures({ after: 1, limit: 9 })).toEqual([all[1]]);
  expect(await store.failures({ after: 3, limit: 9 })).toEqual([]);
});

test("a file so damaged that reading makes no progress is an error, and no loop", async () => {
  const store = new SqliteStore({
    driver: {
      query: () => Promise.resolve([]),
      transact: () => Promise.resolve([]),
      close: () => Promise.resolve(),
    },
    tables: tablesOf(),
    identity: "outbox",
    durability: { level: "none", detail: "" },
    boot: "",
    log: new LogFile("nowhere"),
  });
  const limits = { after: 7, limit: 10, maxBytes: 1_000 };
  await expect(store.read({ ...limits, exceptKeys: [] }))
    .rejects.toMatchObject({ code: "STORAGE_FAILED" });
});
