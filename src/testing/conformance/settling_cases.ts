/**
 * Settling: what is named is recorded, and nothing else; by the holder of the
 * lease, and nobody else (G2, G4).
 *
 * @module
 */

import type { Lease, SettleRequest, Store } from "../../../mod.ts";
import { check, checkEqual } from "./checks.ts";
import { filled } from "./reading_cases.ts";
import {
  failureOf,
  idsOf,
  readAll,
  settle,
  type StorageCase,
  takeLease,
  unlessBusy,
} from "./storage_bench.ts";

const RECORDED = { inForce: true, lost: [] };

/** What a settle does. */
export const settlingCases: readonly StorageCase[] = [
  {
    name: "settle: delivered messages are gone, all others stay",
    async run(bench) {
      const [store, messages] = await filled(bench, ["a", "b", "c", "d"]);
      const [, b, , d] = messages.map(({ seq }) => seq);
      const lease = await takeLease(store);
      const settled = await settle(store, lease, { delivered: [b!, d!] });
      checkEqual(settled, RECORDED, "it is recorded");
      checkEqual(idsOf(await readAll(store)), ["a", "c"], "these stay");
      const other = await bench.open();
      checkEqual(idsOf(await readAll(other)), ["a", "c"], "for others too");
    },
  },
  {
    name: "settle: nothing asked for is nothing removed",
    async run(bench) {
      const [store] = await filled(bench, ["a", "b"]);
      const lease = await takeLease(store);
      for (const then of ["keep", "renew", "release"] as const) {
        checkEqual(await settle(store, lease, { then }), RECORDED, then);
      }
      checkEqual(idsOf(await readAll(store)), ["a", "b"], "all stay");
    },
  },
  {
    name: "settle: what is recorded outlives a restart",
    async run(bench) {
      const [store, messages] = await filled(bench, ["a", "b", "c"]);
      const [a, b] = messages;
      const record = failureOf(b!);
      const request = { delivered: [a!.seq], failed: [record] };
      await settle(store, await takeLease(store), request);
      await bench.restart();
      const again = await bench.open();
      checkEqual(idsOf(await readAll(again)), ["c"], "what can be read");
      const found = await again.failures({ after: 0, limit: 9 });
      checkEqual(found, [record], "the failure record");
    },
  },
  {
    name: "settle: a failure is recorded beside its message, and replaced",
    async run(bench) {
      const [store, messages] = await filled(bench, ["a", "b"]);
      const [first, other] = messages.map((message) => failureOf(message));
      const lease = await takeLease(store);
      await settle(store, lease, { failed: [first!, other!] });
      const second = { ...first!, attempts: 2, failedAtMs: 9, code: "0x87" };
      await settle(store, lease, { failed: [second] });
      const found = await store.failures({ after: 0, limit: 9 });
      checkEqual(found, [second, other], "one record for each message");
    },
  },
  {
    name: "settle: a recovered message loses its record, others keep theirs",
    async run(bench) {
      const [store, messages] = await filled(bench, ["a", "b"]);
      const [first, other] = messages.map((message) => failureOf(message));
      const lease = await takeLease(store);
      await settle(store, lease, { failed: [first!, other!] });
      const { seq } = first!;
      await settle(store, lease, { delivered: [seq], recovered: [seq] });
      const found = await store.failures({ after: 0, limit: 9 });
      checkEqual(found, [other], "the record of the other");
    },
  },
  {
    name: "settle: a failure of a message that is gone is not recorded",
    async run(bench) {
      const [store, messages] = await filled(bench, ["a", "b"]);
      const lease = await takeLease(store);
      const delivered = messages.map(({ seq }) => seq);
      await settle(store, lease, { delivered });
      const failed = messages.map((message) => failureOf(message));
      checkEqual(await settle(store, lease, { failed }), RECORDED, "accepted");
      const found = await store.failures({ after: 0, limit: 9 });
      checkEqual(found, [], "there is no record without a message");
    },
  },
  {
    name: "settle: recording the same outcomes again changes nothing",
    async run(bench) {
      const [store, messages] = await filled(bench, ["a", "b", "c", "d"]);
      const [a, b, c] = messages;
      const lease = await takeLease(store);
      await settle(store, lease, { failed: [failureOf(a!)] });
      const request = {
        delivered: [a!.seq, b!.seq],
        recovered: [a!.seq],
        failed: [failureOf(c!)],
        archive: true,
      };
      const first = await settle(store, lease, request);
      checkEqual(first, RECORDED, "the first time");
      const before = await viewOf(store);
      for (let round = 0; round < 3; round++) {
        const again = await settle(store, lease, request);
        checkEqual(again, RECORDED, "again");
        checkEqual(await viewOf(store), before, "nothing has changed");
      }
      const all = { deliveredBeforeMs: Infinity, keepRows: 0, limit: 100 };
      checkEqual(await store.prune(all), { removed: 2 }, "archived once each");
    },
  },
  ...(["keep", "renew", "release"] as const).map((then): StorageCase => ({
    name:
      `settle: a lease that was lost records nothing, and names all (${then})`,
    async run(bench) {
      const [old, messages] = await filled(bench, ["a", "b", "c"]);
      const young = await bench.open();
      const stale = await takeLease(old, "old");
      await settle(old, stale, { failed: [failureOf(messages[1]!)] });
      const fresh = await takeLease(young, "young");
      const before = await viewOf(young);
      const [a, b, c] = messages;
      const request = {
        delivered: [a!.seq, b!.seq],
        recovered: [b!.seq],
        failed: [failureOf(c!)],
        archive: true,
        then,
      };
      const wrong: readonly [string, Lease][] = [
        ["an epoch that is over", stale],
        ["another owner's epoch", { ...fresh, owner: "old" }],
        ["an epoch to come", { ...fresh, epoch: fresh.epoch + 1 }],
        ["its own name in another's epoch", { ...stale, owner: "young" }],
      ];
      for (const [what, lease] of wrong) {
        await checkLost(old, lease, request, what);
        checkEqual(await viewOf(young), before, `${what} changes nothing`);
      }
      const settled = await settle(young, fresh, request);
      checkEqual(settled, RECORDED, "the holder goes on");
    },
  })),
  {
    name: "settle: deliveries alone are the holder's, and can be repeated",
    async run(bench) {
      const [old, messages] = await filled(bench, ["a", "b", "c", "d"]);
      const [a, b] = messages.map(({ seq }) => seq);
      const young = await bench.open();
      const stale = await takeLease(old, "old");
      await settle(old, stale, { failed: [failureOf(messages[1]!)] });
      const fresh = await takeLease(young, "young");
      const before = await viewOf(young);
      const both = { delivered: [a!, b!], recovered: [b!] };
      for (const then of ["keep", "renew", "release"] as const) {
        await checkLost(
          old,
          stale,
          { ...both, then },
          `a lost lease (${then})`,
        );
        checkEqual(await viewOf(young), before, "nothing has changed");
      }
      const one = await settle(young, fresh, { delivered: [a!] });
      checkEqual(one, RECORDED, "one of them");
      for (let round = 0; round < 2; round++) {
        checkEqual(await settle(young, fresh, both), RECORDED, "both");
        checkEqual(idsOf(await readAll(young)), ["c", "d"], "these stay");
        const records = await young.failures({ after: 0, limit: 9 });
        checkEqual(records, [], "no record stays");
      }
    },
  },
  {
    name: "settle: a lease that was released records nothing",
    async run(bench) {
      const [store, messages] = await filled(bench, ["a"]);
      const lease = await takeLease(store);
      await settle(store, lease, { then: "release" });
      const delivered = messages.map(({ seq }) => seq);
      await checkLost(store, lease, { delivered }, "a released lease");
      checkEqual(idsOf(await readAll(store)), ["a"], "the message stays");
    },
  },
  {
    name:
      "settle: while a transaction holds the lock it is whole or not at all",
    interactive: true,
    async run(bench) {
      const [store, messages] = await filled(bench, ["a", "b"]);
      const [a, b] = messages;
      const lease = await takeLease(store);
      const request = { delivered: [a!.seq], failed: [failureOf(b!)] };
      const isCommitted = await bench.holding(async (tx) => {
        await bench.harness.writeRow(tx, "row");
        const before = await unlessBusy(viewOf(store), null);
        const settled = await settle(store, lease, request)
          .catch((error: unknown) => (error as { code?: unknown }).code);
        if (settled === "STORAGE_BUSY") {
          const after = await unlessBusy(viewOf(store), null);
          checkEqual(after, before, "nothing has changed");
        } else checkEqual(settled, RECORDED, "recorded, or STORAGE_BUSY");
      });
      checkEqual(await settle(store, lease, request), RECORDED, "afterwards");
      checkEqual(await readAll(store), [], "both are recorded");
      const rows = isCommitted ? ["row"] : [];
      checkEqual(await bench.harness.rows(), rows, "the user's row");
    },
  },
];

async function checkLost(
  store: Store,
  lease: Lease,
  request: Partial<SettleRequest>,
  what: string,
): Promise<void> {
  const { inForce, lost } = await settle(store, lease, request);
  checkEqual(inForce, false, `${what} is not in force`);
  const { delivered = [], failed = [] } = request;
  const named = [...delivered, ...failed.map(({ seq }) => seq)];
  const ascending = (seqs: readonly number[]) =>
    [...new Set(seqs)].sort((one, other) => one - other);
  checkEqual(ascending(lost), ascending(named), `${what} loses every message`);
  const none = await settle(store, lease, { then: request.then ?? "keep" });
  checkEqual(none, { inForce: false, lost: [] }, `${what} loses none of none`);
}

/** All that can be seen. */
async function viewOf(store: Store): Promise<unknown> {
  const view = {
    survey: await store.survey(),
    messages: await readAll(store),
    failures: await store.failures({ after: 0, limit: 1_000 }),
    dead: await store.listDead({ filter: {}, after: 0, limit: 1_000 }),
  };
  check(view.failures.length < 1_000, "a view shows all records");
  return view;
}
