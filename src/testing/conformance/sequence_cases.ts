/**
 * Sequences: they tell the commit order, and none is used twice (G3).
 *
 * @module
 */

import { check, checkEqual } from "./checks.ts";
import {
  failureOf,
  readAll,
  settle,
  type StorageBench,
  type StorageCase,
  takeLease,
} from "./storage_bench.ts";

/** How sequences are given out. */
export const sequenceCases: readonly StorageCase[] = [
  {
    name: "sequence: it ascends with every message, call and transaction",
    async run(bench) {
      await bench.commit(...bench.messages("a", "b"));
      await bench.commit(...bench.messages("c"));
      await bench.commit(...bench.messages("d", "e"));
      const seqs = (await readAll(await bench.open())).map(({ seq }) => seq);
      checkEqual(seqs.length, 5, "all are read");
      checkAscending(seqs);
      check(seqs.every(Number.isSafeInteger), "a sequence is a whole number");
      check(seqs.every((seq) => seq > 0), "a sequence is positive");
    },
  },
  {
    name: "sequence: none is used again once the outbox was emptied",
    async run(bench) {
      const store = await bench.open();
      const lease = await takeLease(store);
      const used: number[] = [];
      for (let round = 0; round < 5; round++) {
        const seq = await commitOne(bench);
        used.push(seq);
        await settle(store, lease, { delivered: [seq] });
        const { newestSeq, oldest } = await store.survey();
        checkEqual(newestSeq, seq, "the newest sequence outlives its message");
        checkEqual(oldest, null, "the outbox is empty");
        checkEqual(await readAll(store), [], "there is nothing to read");
      }
      checkAscending(used);
    },
  },
  {
    name: "sequence: none is used again after a restart",
    async run(bench) {
      const used: number[] = [];
      for (let round = 0; round < 3; round++) {
        const store = await bench.open();
        const lease = await takeLease(store, `relay-${round}`);
        const seq = await commitOne(bench);
        used.push(seq);
        await settle(store, lease, { delivered: [seq] });
        await bench.restart();
        const { newestSeq } = await (await bench.open()).survey();
        checkEqual(newestSeq, seq, "the newest sequence outlives a restart");
      }
      checkAscending(used);
    },
  },
  {
    name: "sequence: that of a discarded message is not used again",
    async run(bench) {
      const store = await bench.open();
      const lease = await takeLease(store);
      const used: number[] = [];
      for (let round = 0; round < 3; round++) {
        const seq = await commitOne(bench);
        used.push(seq);
        const failed = [failureOf({ seq, key: "m-1" }, { state: "dead" })];
        await settle(store, lease, { failed });
        await store.discardDead({});
        const { newestSeq } = await store.survey();
        checkEqual(newestSeq, seq, "the newest sequence outlives a discard");
      }
      checkAscending(used);
    },
  },
  {
    name: "sequence: that of an archived and pruned message is not used again",
    async run(bench) {
      const store = await bench.open();
      const lease = await takeLease(store);
      const used: number[] = [];
      for (let round = 0; round < 3; round++) {
        const seq = await commitOne(bench);
        used.push(seq);
        await settle(store, lease, { delivered: [seq], archive: true });
        const all = { deliveredBeforeMs: Infinity, keepRows: 0, limit: 10 };
        await store.prune(all);
      }
      checkAscending(used);
    },
  },
];

/** Commits a message, and returns its sequence. */
async function commitOne(bench: StorageBench): Promise<number> {
  const message = bench.message();
  await bench.commit(message);
  const found = (await readAll(await bench.open()))
    .find(({ id }) => id === message.id);
  check(found !== undefined, "a committed message is read");
  return found.seq;
}

function checkAscending(seqs: readonly number[]): void {
  const sorted = [...new Set(seqs)].sort((one, other) => one - other);
  checkEqual(seqs, sorted, "each sequence is greater than all before it");
}
