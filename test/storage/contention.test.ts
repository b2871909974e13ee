/**
 * Contention: another process holds the write lock most of the time.
 */

import type { Lease, Store } from "@mailboat/outbox";
import { readdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { program } from "./child.ts";
import { createRig, message, messages, readIds, type Rig } from "./rig.ts";

const holder = program("lock_holder");

const DEADLINE_MS = 20_000;
const MAX_BLOCKED_MS = 50;

/** Repeats what is refused as busy, as a relay does, and notes how long each try took. */
async function patiently<T>(
  work: () => Promise<T>,
  tries: { ms: number; busy: boolean }[],
): Promise<T> {
  const startMs = performance.now();
  for (;;) {
    const beforeMs = performance.now();
    const note = (busy: boolean) =>
      tries.push({ ms: performance.now() - beforeMs, busy });
    try {
      const result = await work();
      note(false);
      return result;
    } catch (error) {
      expect(error).toMatchObject({
        name: "StorageError",
        code: "STORAGE_BUSY",
        cause: expect.any(Error),
      });
      note(true);
      expect(performance.now() - startMs).toBeLessThan(DEADLINE_MS);
      await pause(1 + Math.random() * 4);
    }
  }
}

const settle = (store: Store, lease: Lease, delivered: number[]) =>
  store.settle({
    lease,
    delivered,
    expired: [],
    recovered: [],
    failed: [],
    archive: false,
    keepExpired: 1_000,
    then: "renew",
    proven: false,
    nowMs: 1,
  });

const acquire = (store: Store) =>
  store.acquire({
    owner: "relay",
    leaseMs: 1_000,
    nowMs: 1,
    expect: { epoch: 0, beat: 0 },
  });

const descriptors = () => readdirSync("/proc/self/fd").length;

async function stormyRig(): Promise<Rig> {
  const rig = await createRig();
  await rig.commit(
    ...messages(...Array.from({ length: 61 }, (_, at) => `${at}`)),
  );
  const child = await holder([rig.path]);
  expect(await child.line()).toBe("ready");
  return rig;
}

test(
  "a storm of locks is outlasted: nothing fails, blocks, leaks or goes stale",
  async () => {
    const rig = await stormyRig();
    const store = await rig.open();
    const tries: { ms: number; busy: boolean }[] = [];
    const lease = await patiently(() => acquire(store), tries);
    const isLinux = process.platform === "linux";
    const before = isLinux ? descriptors() : 0;
    for (let seq = 1; seq <= 60; seq++) {
      // Without a pause, several settles fit between two locks.
      await pause(Math.random() * 30);
      await patiently(() => settle(store, lease!, [seq]), tries);
      expect((await store.survey()).oldest?.seq).toBe(seq + 1);
    }
    expect(await readIds(store)).toEqual(["60"]);
    const busy = tries.filter((one) => one.busy);
    expect(busy.length, "the lock was held").toBeGreaterThan(20);
    const blockedMs = busy.map(({ ms }) => ms).sort((a, b) => a - b);
    const p99 = blockedMs[Math.floor(blockedMs.length * 0.99) - 1];
    expect(p99).toBeLessThan(MAX_BLOCKED_MS);
    if (isLinux) expect(descriptors() - before).toBeLessThan(12);
  },
  60_000,
);

test("opening, reading and a migration with nothing to do wait for no lock", async () => {
  const rig = await createRig();
  await rig.commit(...messages("a"));
  await rig.within(async (tx) => {
    await rig.note(tx, "the lock is held");
    const beforeMs = performance.now();
    await rig.storage.migrate();
    const store = await rig.open();
    expect(await readIds(store)).toEqual(["a"]);
    expect((await store.survey()).newestSeq).toBe(1);
    expect(await store.failures({ after: 0, limit: 9 })).toEqual([]);
    expect(performance.now() - beforeMs).toBeLessThan(1_000);
  });
});

test("the user's transactions never meet a lock of ours", async () => {
  const rig = await createRig();
  const store = await rig.open();
  const lease = await acquire(store);
  let busy = 0;
  let done = false;
  const relaying = (async () => {
    for (let seq = 0; !done; await pause(0)) {
      try {
        await settle(store, lease!, [seq + 1]);
        seq++;
      } catch (error) {
        expect(error).toMatchObject({ code: "STORAGE_BUSY" });
        busy++;
      }
    }
  })();
  for (let round = 0; round < 100; round++) {
    await rig.within(async (tx) => {
      await rig.note(tx, "before");
      await pause(0);
      await rig.storage.writer.insert(tx, [message()]);
      await pause(0);
    });
  }
  done = true;
  await relaying;
  expect(busy, "both were at work").toBeGreaterThan(10);
  expect((await store.survey()).newestSeq).toBe(100);
});

test("a settle that meets the user's own transaction is busy, and works after it", async () => {
  const rig = await createRig();
  const store = await rig.open();
  const lease = await acquire(store);
  await rig.within(async (tx) => {
    await rig.storage.writer.insert(tx, messages("a"));
    await expect(settle(store, lease!, [1])).rejects.toMatchObject({
      code: "STORAGE_BUSY",
      message: expect.stringMatching(
        /^Cannot settle as the database must be unlocked: /,
      ),
    });
    expect((await store.survey()).newestSeq).toBe(0);
  });
  expect((await store.survey()).newestSeq).toBe(1);
  expect(await settle(store, lease!, [1])).toEqual({ inForce: true, lost: [] });
});

test("a lock that is taken in the middle of a settle spoils nothing", async () => {
  const rig = await createRig();
  const store = await rig.open();
  const lease = await acquire(store);
  for (let moment = 0; moment < 40; moment++) {
    await rig.commit(message());
    const seq = moment + 1;
    const settling = settle(store, lease!, [seq]).catch(({ code }) => code);
    for (let turn = 0; turn < moment; turn++) await Promise.resolve();
    const locking = rig.within((tx) => rig.note(tx, "locked")).catch(() => {});
    const result = await settling;
    await locking;
    if (result === "STORAGE_BUSY") await settle(store, lease!, [seq]);
    else expect(result).toEqual({ inForce: true, lost: [] });
    expect(await store.survey()).toMatchObject({
      newestSeq: seq,
      oldest: null,
    });
  }
});
