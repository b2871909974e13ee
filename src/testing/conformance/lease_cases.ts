/**
 * The lease: one relay at a time, and every change of owner is numbered (G4).
 *
 * @module
 */

import type { Lease, Store } from "../../../mod.ts";
import { check, checkEqual } from "./checks.ts";
import { filled } from "./reading_cases.ts";
import {
  ACQUIRED_AT_MS,
  readAll,
  settle,
  SETTLED_AT_MS,
  type StorageCase,
  takeLease,
} from "./storage_bench.ts";

/** How the lease changes hands. */
export const leaseCases: readonly StorageCase[] = [
  {
    name: "lease: an expectation that is out of date takes nothing",
    async run(bench) {
      const store = await bench.open();
      await takeLease(store);
      const before = await store.survey();
      const { epoch, beat } = before.lease;
      const stale = [
        { epoch, beat: beat - 1 },
        { epoch: epoch - 1, beat },
        { epoch: epoch + 1, beat },
        { epoch, beat: beat + 1 },
        { epoch: 0, beat: 0 },
      ];
      for (const expect of stale) {
        for (const owner of ["one", "two"]) {
          const lease = await acquire(store, owner, expect);
          checkEqual(lease, null, "nobody gets the lease");
        }
      }
      checkEqual(await store.survey(), before, "nothing has changed");
    },
  },
  {
    name: "lease: the epoch rises for another owner, and stays for the same",
    async run(bench) {
      const store = await bench.open();
      const first = await takeLease(store, "one");
      checkEqual(first.owner, "one", "the owner");
      const again = await takeLease(store, "one");
      checkEqual(again, first, "the same owner keeps its epoch");
      const other = await takeLease(await bench.open(), "two");
      check(other.epoch > first.epoch, "another owner has a higher epoch");
      const back = await takeLease(store, "one");
      check(back.epoch > other.epoch, "a former owner has a higher one yet");
      await settle(store, back, { then: "release" });
      const after = await takeLease(store, "one");
      check(after.epoch > back.epoch, "after a release it rises for all");
    },
  },
  {
    name: "lease: a survey shows what was acquired",
    async run(bench) {
      const store = await bench.open();
      const { epoch, owner } = await takeLease(store);
      const { lease } = await (await bench.open()).survey();
      const { beat, ...shown } = lease;
      const renewed = {
        leaseMs: 5_000,
        renewedAtMs: ACQUIRED_AT_MS,
        unproven: 1,
      };
      checkEqual(shown, { epoch, owner, ...renewed }, "the lease");
      check(beat > 0, "an acquisition is a beat");
      await takeLease(store);
      const later = (await store.survey()).lease.beat;
      check(later > beat, "so is a second one");
    },
  },
  {
    name: "lease: keeping, renewing and releasing do what they say",
    async run(bench) {
      const store = await bench.open();
      const lease = await takeLease(store);
      const { lease: taken } = await store.survey();
      await settle(store, lease);
      const { lease: kept } = await store.survey();
      checkEqual(kept, taken, "keeping changes nothing");
      await settle(store, lease, { then: "renew" });
      const { lease: renewed } = await store.survey();
      check(renewed.beat > taken.beat, "renewing raises the beat");
      const { beat } = renewed;
      const expected = { ...taken, beat, renewedAtMs: SETTLED_AT_MS };
      checkEqual(renewed, expected, "renewing notes the time");
      await settle(store, lease, { then: "release" });
      const { lease: released } = await store.survey();
      checkEqual(released.owner, null, "releasing leaves no owner");
      check(released.epoch >= lease.epoch, "the epoch does not go back");
    },
  },
  {
    name: "lease: owners that prove nothing are counted, until one does",
    async run(bench) {
      const store = await bench.open();
      const unproven = async () => (await store.survey()).lease.unproven;
      await takeLease(store, "one");
      await takeLease(store, "one");
      checkEqual(await unproven(), 1, "the same owner counts once");
      const two = await takeLease(store, "two");
      checkEqual(await unproven(), 2, "another owner is one more");
      await settle(store, two, { proven: true });
      await settle(store, two, { then: "renew" });
      checkEqual(await unproven(), 2, "only a proven renewal proves");
      await bench.restart();
      const again = await bench.open();
      const three = await takeLease(again, "three");
      checkEqual((await again.survey()).lease.unproven, 3, "after a restart");
      await settle(again, two, { then: "renew", proven: true });
      checkEqual((await again.survey()).lease.unproven, 3, "fenced");
      await settle(again, three, { then: "renew", proven: true });
      checkEqual((await again.survey()).lease.unproven, 0, "proven");
      const four = await takeLease(again, "four");
      await settle(again, four, { then: "release" });
      checkEqual((await again.survey()).lease.unproven, 0, "released");
    },
  },
  {
    name: "lease: the boot of the machine is the same for every store on it",
    async run(bench) {
      const { boot } = await bench.open();
      checkEqual(typeof boot, "string", "a boot is a text");
      await bench.restart();
      checkEqual((await bench.open()).boot, boot, "the boot after a restart");
    },
  },
  {
    name: "lease: the epoch does not go back at a restart",
    async run(bench) {
      const { epoch } = await takeLease(await bench.open());
      await bench.restart();
      const later = await takeLease(await bench.open(), "two");
      check(later.epoch > epoch, "a later owner has a higher epoch");
    },
  },
  {
    name: "lease: of many who expect the same at once, one gets it",
    async run(bench) {
      const stores = [];
      for (let at = 0; at < 5; at++) stores.push(await bench.open());
      for (let round = 0; round < 20; round++) {
        await race(stores, `${round}`);
      }
    },
  },
  {
    name: "lease: two relays race over one key, and only one settles it",
    async run(bench) {
      const [one, messages] = await filled(bench, ["contested"]);
      const stores = [one, await bench.open()];
      const { seq } = messages[0]!;
      let former: Lease | null = null;
      for (let round = 0; round < bench.races; round++) {
        const { winner, store } = await race(stores, `${round}`);
        const loser = stores.find((other) => other !== store)!;
        const delivered = [seq];
        if (former !== null) {
          const { inForce } = await settle(loser, former, { delivered });
          checkEqual(inForce, false, "a former lease is not in force");
        }
        const forged = { ...winner, owner: "loser" };
        const { inForce } = await settle(loser, forged, { delivered });
        checkEqual(inForce, false, "a loser's lease is not in force");
        former = winner;
      }
      checkEqual((await readAll(one)).length, 1, "the message is there");
      const settled = await settle(one, former!, { delivered: [seq] });
      checkEqual(settled.inForce, true, "the last winner settles");
      checkEqual(await readAll(one), [], "and then it is gone");
    },
  },
];

/** All reach for the lease at once; returns the one that has it. */
async function race(
  stores: readonly Store[],
  round: string,
): Promise<{ winner: Lease; store: Store }> {
  const { lease: expect } = await stores[0]!.survey();
  let failures = 0;
  const leases = await Promise.all(
    stores.map((store, at) =>
      acquire(store, `${round}.${at}`, expect).catch(() => {
        failures++;
        return null;
      })
    ),
  );
  const winners = leases.filter((lease) => lease !== null);
  const most = winners.length + failures;
  check(winners.length <= 1, "no more than one gets the lease");
  check(most >= 1, "one gets the lease, unless its call fails");
  const { lease: shown } = await stores[0]!.survey();
  check(shown.epoch <= expect.epoch + 1, "the epoch rises once");
  // Whoever failed may have got it: the outcome was unknown.
  const owner = shown.owner ?? "";
  const at = stores.findIndex((_, index) => owner === `${round}.${index}`);
  if (at < 0) return race(stores, `${round}+`);
  const winner = { epoch: shown.epoch, owner };
  for (const told of winners) checkEqual(told, winner, "the survey agrees");
  return { winner, store: stores[at]! };
}

function acquire(
  store: Store,
  owner: string,
  { epoch, beat }: { readonly epoch: number; readonly beat: number },
): Promise<Lease | null> {
  const request = { owner, leaseMs: 5_000, nowMs: ACQUIRED_AT_MS };
  return store.acquire({ ...request, expect: { epoch, beat } });
}
