/**
 * Lanes: one key's messages in order, and the failures beside them (G3, G5, G8).
 *
 * @module
 */

import type { FailureRecord, Message, Store } from "../../../mod.ts";
import { check, checkEqual } from "./checks.ts";
import { filled } from "./reading_cases.ts";
import {
  EVERYTHING,
  failureOf,
  idsOf,
  readAll,
  settle,
  type StorageCase,
  takeLease,
} from "./storage_bench.ts";

/** How one lane is read, and what failed in it. */
export const laneCases: readonly StorageCase[] = [
  {
    name: "lane: it leaves out dead messages, and only those",
    async run(bench) {
      const [store, messages] = await filled(bench, ["a", "b", "c", "d"]);
      const [a, , c] = messages;
      await settle(store, await takeLease(store), {
        failed: [
          failureOf(a!),
          failureOf(c!, { state: "dead", delayMs: 0, holds: false }),
        ],
      });
      const lane = await laneOf(store, "m-1");
      checkEqual(idsOf(lane), ["a", "b", "d"], "what the lane has");
    },
  },
  {
    name: "lane: it is read beyond after, up to and including upTo",
    async run(bench) {
      const keys = ["x", "y", null];
      await bench.commit(
        ...Array.from(
          { length: 30 },
          (_, at) => bench.message({ id: `m${at}`, key: keys[at % 3]! }),
        ),
      );
      const store = await bench.open();
      const all = await readAll(store);
      for (const key of keys) {
        const own = all.filter((message) => message.key === key);
        checkEqual(idsOf(await laneOf(store, key)), idsOf(own), `lane ${key}`);
        const part = await laneOf(store, key, own[2]!.seq, own[5]!.seq);
        checkEqual(idsOf(part), idsOf(own.slice(3, 6)), `part of lane ${key}`);
      }
      checkEqual(await laneOf(store, "z"), [], "a lane that nobody uses");
    },
  },
  {
    name: "lane: keys that differ a little are different lanes",
    async run(bench) {
      const keys = ["a", "A", "ä", "a\u0308", "Ä", "a ", " a", "", "null"];
      await bench.commit(...keys.map((key) => bench.message({ key })));
      const store = await bench.open();
      for (const key of keys) {
        const lane = await laneOf(store, key);
        checkEqual(lane.map((one) => one.key), [key], "only this key's");
      }
      checkEqual(await laneOf(store, null), [], "none is without a key");
    },
  },
  {
    name: "lane: its pages are bounded by limit and bytes, and make progress",
    async run(bench) {
      await bench.commit(
        ...Array.from({ length: 40 }, (_, at) =>
          bench.message({
            id: `m${at}`,
            key: at % 4 === 0 ? "x" : "other",
            payload: new Uint8Array(10),
          })),
      );
      const store = await bench.open();
      const wanted = Array.from({ length: 10 }, (_, at) => `m${at * 4}`);
      for (const bound of [{ limit: 3 }, { maxBytes: 25 }, { maxBytes: 1 }]) {
        const met: string[] = [];
        for (let after = 0, end = false; !end;) {
          const request = { ...EVERYTHING, ...bound, key: "x", after };
          const page = await store.readLane({ ...request, upTo: 1e9 });
          check(page.end || page.scannedTo > after, "a page makes progress");
          check(page.messages.length <= 3, "a page is bounded");
          met.push(...idsOf(page.messages));
          ({ scannedTo: after, end } = page);
        }
        checkEqual(met, wanted, "every message of the lane is met once");
      }
    },
  },
  {
    name: "failures: every field of a record survives",
    async run(bench) {
      const [store, messages] = await filled(bench, ["a", "b", "c"]);
      const failed: readonly FailureRecord[] = [
        failureOf(messages[0]!, {
          state: "dead",
          holds: false,
          attempts: 7,
          deaths: 3,
          firstFailedAtMs: -1,
          failedAtMs: 8_640_000_000_000_000,
          delayMs: 0,
          code: "MQTT_0x97",
          reason: `it's "full" ⛵?`,
        }),
        failureOf(messages[1]!, {
          delayMs: 86_400_000,
          attempts: 0,
          trial: "boot 'a'",
        }),
        failureOf({ seq: messages[2]!.seq, key: null }, {
          reason: "",
          trial: "",
        }),
      ];
      await settle(store, await takeLease(store), { failed });
      const found = await store.failures({ after: 0, limit: 10 });
      checkEqual(found, failed, "the records come back as they were");
    },
  },
  {
    name: "failures: they are listed by ascending sequence, page by page",
    async run(bench) {
      const ids = Array.from({ length: 12 }, (_, at) => `m${at}`);
      const [store, messages] = await filled(bench, ids);
      const records = messages.map((message) => failureOf(message));
      const lease = await takeLease(store);
      await settle(store, lease, { failed: [...records].reverse() });
      const met: FailureRecord[] = [];
      for (let after = 0;;) {
        const page = await store.failures({ after, limit: 5 });
        check(page.length <= 5, "a page is bounded by limit");
        if (page.length === 0) break;
        met.push(...page);
        after = page.at(-1)!.seq;
      }
      checkEqual(met, records, "every record is met once, in order");
    },
  },
  {
    name: "reach: whatever is stored is found by some query",
    async run(bench) {
      const ids = Array.from({ length: 9 }, (_, at) => `m${at}`);
      const [store, messages] = await filled(bench, ids);
      const lease = await takeLease(store);
      const failed = messages.map((message, at) =>
        failureOf(message, {
          state: at % 3 === 0 ? "dead" : "retry",
          holds: at % 2 === 0 || at % 3 !== 0,
        })
      ).filter((_, at) => at % 3 !== 2);
      await settle(store, lease, { failed });
      await bench.restart();
      const again = await bench.open();
      const records = await again.failures({ after: 0, limit: 100 });
      checkEqual(records, failed, "every record is listed");
      const dead = await again
        .listDead({ filter: {}, after: 0, limit: 100 });
      const reached = [
        ...await readAll(again),
        ...await laneOf(again, "m-1"),
        ...dead.map(({ message }) => message),
      ];
      checkEqual(
        [...new Set(idsOf(reached))].sort(),
        ids,
        "every message is reached",
      );
    },
  },
];

async function laneOf(
  store: Store,
  key: string | null,
  after: number = 0,
  upTo: number = Number.MAX_SAFE_INTEGER,
): Promise<Message[]> {
  const met: Message[] = [];
  for (let from = after, end = false; !end;) {
    const request = { ...EVERYTHING, key, after: from, upTo };
    const page = await store.readLane(request);
    check(page.end || page.scannedTo > from, "a page makes progress");
    met.push(...page.messages);
    ({ scannedTo: from, end } = page);
  }
  return met;
}
