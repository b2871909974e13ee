/**
 * Expired messages: they leave the outbox whole, stay to be seen up to a
 * limit, and are counted for ever (G2, G4, G7).
 *
 * @module
 */

import type { ExpiredMessage, Store } from "../../../mod.ts";
import { check, checkEqual } from "./checks.ts";
import { filled } from "./reading_cases.ts";
import {
  failureOf,
  idsOf,
  readAll,
  settle,
  type StorageBench,
  type StorageCase,
  takeLease,
} from "./storage_bench.ts";

const RECORDED = { inForce: true, lost: [] };
const ALL = { before: Number.MAX_SAFE_INTEGER, limit: 100 };

/** What becomes of expired messages. */
export const expiredCases: readonly StorageCase[] = [
  {
    name: "expired: a settled one leaves the outbox and is listed, whole",
    async run(bench) {
      await bench.commit(
        bench.message({ id: "a", ttlMs: 1 }),
        bench.message({ id: "b" }),
        bench.message({ id: "c", payload: Uint8Array.of(0, 255), ttlMs: 7 }),
      );
      const store = await bench.open();
      const [a, , c] = await readAll(store);
      const lease = await takeLease(store);
      const request = { expired: [c!.seq, a!.seq], nowMs: 42 };
      checkEqual(await settle(store, lease, request), RECORDED, "the settle");
      checkEqual(idsOf(await readAll(store)), ["b"], "what stays");
      const listed = await (await bench.open()).listExpired(ALL);
      checkEqual(
        listed,
        [
          { message: c!, place: 2, expiredAtMs: 42 },
          { message: a!, place: 1, expiredAtMs: 42 },
        ],
        "what expired, the newest first",
      );
      checkEqual((await store.survey()).expired, 2, "the count");
    },
  },
  {
    name: "expired: with its message goes the failure record, and no other",
    async run(bench) {
      const [store, messages] = await filled(bench, ["a", "b"]);
      const [first, other] = messages.map((message) => failureOf(message));
      const lease = await takeLease(store);
      await settle(store, lease, { failed: [first!, other!] });
      const { seq } = first!;
      await settle(store, lease, { expired: [seq], recovered: [seq] });
      const found = await store.failures({ after: 0, limit: 9 });
      checkEqual(found, [other], "the record of the other");
    },
  },
  {
    name: "expired: recording it again changes nothing",
    async run(bench) {
      const [store, messages] = await filled(bench, ["a", "b"]);
      const lease = await takeLease(store);
      const request = { expired: [messages[0]!.seq] };
      await settle(store, lease, request);
      const before = await store.listExpired(ALL);
      for (let round = 0; round < 3; round++) {
        checkEqual(await settle(store, lease, request), RECORDED, "again");
        checkEqual(await store.listExpired(ALL), before, "what is listed");
        checkEqual((await store.survey()).expired, 1, "the count");
      }
    },
  },
  {
    name: "expired: a lease that was lost settles none, and names them",
    async run(bench) {
      const [old, messages] = await filled(bench, ["a", "b"]);
      const stale = await takeLease(old, "old");
      await takeLease(await bench.open(), "young");
      const expired = messages.map(({ seq }) => seq);
      const { inForce, lost } = await settle(old, stale, { expired });
      check(!inForce, "the lease is not in force");
      checkEqual([...lost].sort(), expired, "what is lost");
      checkEqual(idsOf(await readAll(old)), ["a", "b"], "all stay");
      checkEqual(await old.listExpired(ALL), [], "none is listed");
      checkEqual((await old.survey()).expired, 0, "the count");
    },
  },
  {
    name: "expired: the newest are kept, the others only counted",
    async run(bench) {
      const store = await expiredOneByOne(bench, 3);
      const listed = await store.listExpired(ALL);
      checkEqual(placesOf(listed), [7, 6, 5], "those kept");
      checkEqual((await store.survey()).expired, 7, "the count");
      await bench.restart();
      const again = await bench.open();
      checkEqual(await again.listExpired(ALL), listed, "after a restart");
      checkEqual((await again.survey()).expired, 7, "the count, as well");
    },
  },
  {
    name: "expired: a lower limit is reached a part at a time",
    async run(bench) {
      const store = await expiredOneByOne(bench, 100);
      const lease = await takeLease(store);
      for (const [at, kept] of [6, 5, 4, 3, 2, 2].entries()) {
        await bench.commit(bench.message({ id: `more-${at}` }));
        const expired = (await readAll(store)).map(({ seq }) => seq);
        await settle(store, lease, { expired, keepExpired: 2 });
        const { length } = await store.listExpired(ALL);
        checkEqual(length, kept, `kept after ${at + 1} more`);
      }
    },
  },
  {
    name: "expired: a list goes on before a place, as far as its limit",
    async run(bench) {
      const store = await expiredOneByOne(bench, 100);
      const page = async (before: number, limit: number) =>
        placesOf(await store.listExpired({ before, limit }));
      checkEqual(await page(8, 3), [7, 6, 5], "the first page");
      checkEqual(await page(5, 3), [4, 3, 2], "the next one");
      checkEqual(await page(2, 3), [1], "the last one");
      checkEqual(await page(1, 3), [], "and no more");
    },
  },
  {
    name: "expired: its sequence is not used again",
    async run(bench) {
      const [store, messages] = await filled(bench, ["a", "b"]);
      const lease = await takeLease(store);
      const expired = messages.map(({ seq }) => seq);
      await settle(store, lease, { expired });
      await bench.restart();
      await bench.commit(bench.message({ id: "c" }));
      const [next] = await readAll(await bench.open());
      check(next!.seq > expired[1]!, "the next one comes after it");
    },
  },
];

/** Seven messages that expired one after the other. */
async function expiredOneByOne(
  bench: StorageBench,
  keepExpired: number,
): Promise<Store> {
  await bench.commit(...bench.messages("a", "b", "c", "d", "e", "f", "g"));
  const store = await bench.open();
  const lease = await takeLease(store);
  for (const { seq } of await readAll(store)) {
    await settle(store, lease, { expired: [seq], keepExpired });
  }
  return store;
}

function placesOf(expired: readonly ExpiredMessage[]): number[] {
  return expired.map(({ place }) => place);
}
