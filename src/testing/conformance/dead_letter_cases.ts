/**
 * Dead letters and the archive: what operators see and change (G2, G8).
 *
 * @module
 */

import type { FailureRecord, Message, Store } from "../../../mod.ts";
import { check, checkEqual } from "./checks.ts";
import {
  EVERYTHING,
  failureOf,
  idsOf,
  readAll,
  settle,
  type StorageBench,
  type StorageCase,
  takeLease,
} from "./storage_bench.ts";

/** How dead letters are listed, retried and discarded, and the archive pruned. */
export const deadLetterCases: readonly StorageCase[] = [
  {
    name: "dead letters: they are listed with their reason, in order, in pages",
    async run(bench) {
      const { store, dead } = await cemetery(bench);
      const met: unknown[] = [];
      for (let after = 0;;) {
        const page = await store.listDead({ filter: {}, after, limit: 2 });
        check(page.length <= 2, "a page is bounded by limit");
        if (page.length === 0) break;
        met.push(...page);
        after = page.at(-1)!.message.seq;
      }
      checkEqual(met, dead, "every dead letter, and nothing else");
    },
  },
  {
    name: "dead letters: a filter chooses by id, key and topic together",
    async run(bench) {
      const { store } = await cemetery(bench);
      const found = async (filter: Parameters<Store["retryDead"]>[0]) =>
        (await store.listDead({ filter, after: 0, limit: 100 }))
          .map(({ message }) => message.id);
      checkEqual(await found({ id: "a2" }), ["a2"], "by id");
      checkEqual(await found({ key: "a" }), ["a1", "a2"], "by key");
      checkEqual(await found({ topic: "t/1" }), ["a1", "b1"], "by topic");
      const both = { key: "a", topic: "t/1" };
      checkEqual(await found(both), ["a1"], "by key and topic");
      checkEqual(await found({ id: "a1", key: "b" }), [], "by both, in vain");
      checkEqual(await found({ id: "live" }), [], "not one that lives");
      checkEqual(await found({ key: "A" }), [], "not a similar key");
    },
  },
  {
    name: "dead letters: a retried one lives again in its old place",
    async run(bench) {
      const { store } = await cemetery(bench);
      const { revision } = await store.survey();
      const changed = await store.retryDead({ id: "a1" });
      checkEqual(changed, { changed: 1 }, "it tells how many");
      const lane = await store
        .readLane({ ...EVERYTHING, key: "a", upTo: 1e9 });
      checkEqual(idsOf(lane.messages), ["a1", "a3"], "it is first again");
      const [record] = await store.failures({ after: 0, limit: 1 });
      const { state, attempts, deaths, delayMs, holds } = record!;
      checkEqual(
        { state, attempts, deaths, delayMs, holds },
        { state: "retry", attempts: 0, deaths: 0, delayMs: 0, holds: true },
        "its record begins anew",
      );
      const { revision: later } = await store.survey();
      check(later > revision, "the revision is raised");
    },
  },
  {
    name: "dead letters: a discarded one is gone for good, with its record",
    async run(bench) {
      const { store, dead } = await cemetery(bench);
      const { revision } = await store.survey();
      const changed = await store.discardDead({ key: "a" });
      checkEqual(changed, { changed: 2 }, "it tells how many");
      const { revision: later } = await store.survey();
      check(later > revision, "the revision is raised");
      const left = await store.listDead({ filter: {}, after: 0, limit: 100 });
      checkEqual(left, dead.slice(2), "the others stay");
      const records = await store.failures({ after: 0, limit: 100 });
      const seqs = records.map(({ seq }) => seq);
      for (const { message } of dead.slice(0, 2)) {
        check(!seqs.includes(message.seq), "its record is gone");
      }
      checkEqual(idsOf(await readAll(store)), ["a3", "live"], "those living");
    },
  },
  {
    name: "dead letters: what is not dead is neither retried nor discarded",
    async run(bench) {
      const { store, dead } = await cemetery(bench);
      const before = await store.survey();
      for (const id of ["live", "waiting", "nobody"]) {
        const retried = await store.retryDead({ id });
        checkEqual(retried, { changed: 0 }, "none is retried");
        const discarded = await store.discardDead({ id });
        checkEqual(discarded, { changed: 0 }, "none is discarded");
      }
      checkEqual(await store.survey(), before, "the revision stays");
      checkEqual(idsOf(await readAll(store)), ["a3", "live"], "those living");
      const lane = await store.readLane({ ...EVERYTHING, key: "c", upTo: 1e9 });
      checkEqual(idsOf(lane.messages), ["waiting"], "what waits is there");
      const all = await store.discardDead({});
      checkEqual(all, { changed: dead.length }, "all that are dead");
      const [waiting, ...more] = await store.failures({ after: 0, limit: 9 });
      checkEqual(waiting?.state, "retry", "what waits goes on waiting");
      checkEqual(more, [], "there is nothing else");
    },
  },
  {
    name: "archive: it is pruned by age and by number, a part at a time",
    async run(bench) {
      await bench.commit(...bench.messages("a", "b", "c", "d", "e", "f"));
      const store = await bench.open();
      const lease = await takeLease(store);
      for (const [at, { seq }] of (await readAll(store)).entries()) {
        const nowMs = (at + 1) * 10;
        await settle(store, lease, { delivered: [seq], archive: true, nowMs });
      }
      const none = { deliveredBeforeMs: 0, keepRows: Infinity, limit: 100 };
      const removed = async (given: Partial<typeof none>) =>
        (await store.prune({ ...none, ...given })).removed;
      checkEqual(await removed({}), 0, "nothing is too old or too much");
      const before = { deliveredBeforeMs: 30 };
      checkEqual(await removed({ ...before, limit: 1 }), 1, "at most limit");
      checkEqual(await removed(before), 1, "those delivered before");
      checkEqual(await removed(before), 0, "not the one delivered then");
      checkEqual(await removed({ keepRows: 1 }), 3, "those beyond the newest");
      checkEqual(await removed({ keepRows: 0 }), 1, "and the last one");
      checkEqual(await removed({ keepRows: 0 }), 0, "until it is empty");
    },
  },
  {
    name: "archive: pruning touches no message that is not delivered",
    async run(bench) {
      const { store, dead } = await cemetery(bench);
      const all = { deliveredBeforeMs: Infinity, keepRows: 0, limit: 100 };
      checkEqual(await store.prune(all), { removed: 0 }, "nothing to prune");
      checkEqual(idsOf(await readAll(store)), ["a3", "live"], "those living");
      const left = await store.listDead({ filter: {}, after: 0, limit: 100 });
      checkEqual(left, dead, "those dead");
    },
  },
  {
    name: "archive: without it, delivered messages leave nothing to prune",
    async run(bench) {
      await bench.commit(...bench.messages("a"));
      const store = await bench.open();
      const delivered = (await readAll(store)).map(({ seq }) => seq);
      await settle(store, await takeLease(store), { delivered });
      const all = { deliveredBeforeMs: Infinity, keepRows: 0, limit: 100 };
      checkEqual(await store.prune(all), { removed: 0 }, "nothing was kept");
    },
  },
];

interface Grave {
  readonly message: Message;
  readonly failure: FailureRecord;
}

/** Three dead letters in two lanes, one message that waits, and two that live. */
async function cemetery(
  bench: StorageBench,
): Promise<{ store: Store; dead: readonly Grave[] }> {
  const at = (id: string, key: string, topic: string) =>
    bench.message({ id, key, topic });
  await bench.commit(
    at("a1", "a", "t/1"),
    at("a2", "a", "t/2"),
    at("b1", "b", "t/1"),
    at("a3", "a", "t/1"),
    at("waiting", "c", "t/1"),
    at("live", "d", "t/1"),
  );
  const store = await bench.open();
  const messages = await readAll(store);
  const dead = messages.slice(0, 3).map((message) => ({
    message,
    failure: failureOf(message, { state: "dead", delayMs: 0, attempts: 3 }),
  }));
  const failed = [
    ...dead.map(({ failure }) => failure),
    failureOf(messages[4]!),
  ];
  await settle(store, await takeLease(store), { failed, then: "release" });
  return { store, dead };
}
