/**
 * Reading on: in commit order, bounded, and never past a message (G2, G3, G7).
 *
 * @module
 */

import type { Message, Store } from "../../../mod.ts";
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

/** How all lanes are read. */
export const readingCases: readonly StorageCase[] = [
  {
    name: "durable: making what was read durable changes nothing",
    async run(bench) {
      const [store] = await filled(bench, ["a", "b"]);
      const before = [await store.survey(), idsOf(await readAll(store))];
      await store.makeDurable();
      await store.makeDurable();
      const after = [await store.survey(), idsOf(await readAll(store))];
      checkEqual(after, before, "what is there");
    },
  },
  {
    name: "survey: an outbox at rest",
    async run(bench) {
      checkEqual(await (await bench.open()).survey(), {
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
      }, "an outbox begins like this");
    },
  },
  {
    name: "survey: it shows both ends of the queue, the dead included",
    async run(bench) {
      const [store, messages] = await filled(bench, ["a", "b", "c"]);
      const [first, , last] = messages;
      const lease = await takeLease(store);
      const dead = failureOf(first!, { state: "dead", delayMs: 0 });
      await settle(store, lease, { failed: [dead] });
      const { newestSeq, oldest } = await store.survey();
      checkEqual(newestSeq, last!.seq, "the newest");
      const { seq, enqueuedAtMs } = first!;
      checkEqual(oldest, { seq, enqueuedAtMs }, "the oldest");
    },
  },
  {
    name: "read: an empty outbox is at its end",
    async run(bench) {
      const page = await (await bench.open()).read({ ...EVERYTHING, after: 7 });
      checkEqual(page.messages, [], "there is nothing");
      checkEqual(page.end, true, "this is the end");
      check(page.scannedTo >= 7, "scannedTo is at least after");
    },
  },
  {
    name: "read: pages follow each other in commit order, bounded by limit",
    async run(bench) {
      const ids = Array.from({ length: 25 }, (_, at) => `m${at}`);
      const [store] = await filled(bench, ids);
      for (const limit of [1, 7, 25]) {
        const { met, most } = await walk(store, { limit });
        checkEqual(met, ids, `every message is met once with limit ${limit}`);
        check(most <= limit, `no page has more than ${limit} messages`);
      }
    },
  },
  {
    name: "read: a page is bounded by bytes, but has at least one message",
    async run(bench) {
      const sizes = [60, 40, 1, 500, 0, 99];
      await bench.commit(
        ...sizes.map((size, at) =>
          bench.message({ id: `m${at}`, payload: new Uint8Array(size) })
        ),
      );
      const store = await bench.open();
      const all = sizes.map((_, at) => `m${at}`);
      for (const maxBytes of [1, 99, 100, 10_000]) {
        const { met } = await walk(store, { maxBytes }, ({ messages }) => {
          const sum = messages
            .reduce((total, { payload }) => total + payload.byteLength, 0);
          check(
            messages.length <= 1 || sum <= maxBytes,
            `a page of several messages has at most ${maxBytes} bytes`,
          );
        });
        checkEqual(met, all, `every message is met with ${maxBytes} bytes`);
      }
      const page = await store.read({ ...EVERYTHING, maxBytes: 100 });
      checkEqual(idsOf(page.messages), ["m0", "m1"], "what fits is taken");
    },
  },
  {
    name: "read: keys are left out exactly, messages without a key are not",
    async run(bench) {
      const keys = ["a", null, "b", "A", "", null, "a", "c'", "a "];
      await bench.commit(...keys.map((key) => bench.message({ key })));
      const found = await readAll(await bench.open(), ["a", "c'", ""]);
      checkEqual(
        found.map(({ key }) => key),
        [null, "b", "A", null, "a "],
        "what is not left out is read",
      );
    },
  },
  {
    name: "read: it makes progress when everything is left out",
    async run(bench) {
      const held = Array.from(
        { length: 2_000 },
        (_, at) =>
          bench.message({ key: `k${at % 100}`, payload: new Uint8Array(1) }),
      );
      await bench.commit(...held, bench.message({ id: "free", key: "free" }));
      const store = await bench.open();
      const exceptKeys = Array.from({ length: 100 }, (_, at) => `k${at}`);
      // readAll fails where a page neither ends nor gets on.
      const found = await readAll(store, exceptKeys);
      checkEqual(idsOf(found), ["free"], "what lies behind is found");
      const none = await readAll(store, [...exceptKeys, "free"]);
      checkEqual(none, [], "everything is left out");
    },
  },
  {
    name: "read: no committed message between after and scannedTo is skipped",
    async run(bench) {
      const store = await bench.open();
      const met: string[] = [];
      const sent: string[] = [];
      let after = 0;
      for (let round = 0; round < 30; round++) {
        const batch = Array.from({ length: round % 4 }, () => bench.message());
        await bench.commit(...batch);
        sent.push(...idsOf(batch));
        const page = await store.read({ ...EVERYTHING, after, limit: 2 });
        met.push(...idsOf(page.messages));
        check(page.scannedTo >= after, "scannedTo does not go back");
        after = page.scannedTo;
      }
      const { met: rest } = await walk(store, { after });
      checkEqual([...met, ...rest], sent, "every message is met once");
    },
  },
  {
    name: "read: what is committed after the end lies beyond scannedTo",
    async run(bench) {
      const [store] = await filled(bench, ["a"]);
      const { scannedTo, end } = await store.read(EVERYTHING);
      checkEqual(end, true, "this is the end");
      await bench.commit(...bench.messages("b"));
      const page = await store.read({ ...EVERYTHING, after: scannedTo });
      checkEqual(idsOf(page.messages), ["b"], "the later message is met");
    },
  },
  {
    name: "read: messages with a failure record are left out",
    async run(bench) {
      const [store, messages] = await filled(bench, ["a", "b", "c", "d"]);
      await settle(store, await takeLease(store), {
        failed: [
          failureOf(messages[0]!),
          failureOf(messages[2]!, { state: "dead", delayMs: 0 }),
        ],
      });
      checkEqual(idsOf(await readAll(store)), ["b", "d"], "what is read");
    },
  },
];

/** Commits messages with these ids, and opens a store. */
export async function filled(
  bench: StorageBench,
  ids: readonly string[],
): Promise<[Store, readonly Message[]]> {
  await bench.commit(...bench.messages(...ids));
  const store = await bench.open();
  return [store, await readAll(store)];
}

/** Reads page by page; tells what was met, and the length of the longest page. */
async function walk(
  store: Store,
  given: { after?: number; limit?: number; maxBytes?: number },
  look: (page: { messages: readonly Message[] }) => void = () => {},
): Promise<{ met: string[]; most: number }> {
  const met: string[] = [];
  let most = 0;
  for (let after = given.after ?? 0, end = false; !end;) {
    const page = await store.read({ ...EVERYTHING, ...given, after });
    look(page);
    const last = page.messages.at(-1)?.seq ?? after;
    check(page.scannedTo >= last, "scannedTo is not before the last message");
    check(page.end || page.scannedTo > after, "a page makes progress");
    met.push(...idsOf(page.messages));
    most = Math.max(most, page.messages.length);
    ({ scannedTo: after, end } = page);
  }
  return { met, most };
}
