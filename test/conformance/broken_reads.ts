/**
 * Stores whose reads break one promise each.
 *
 * @module
 */

import type {
  FailureRecord,
  ReadLaneRequest,
  ReadRequest,
} from "@mailboat/outbox";
import { page } from "../../src/testing/memory_queries.ts";
import type { MemoryStore } from "../../src/testing/memory_store.ts";
import { type BrokenStorage, Sound } from "./broken_storage.ts";

/** The faults of reads. */
export const brokenReads: readonly BrokenStorage[] = [
  {
    guarantee: "G2",
    fault: "a page claims to have looked further than it has",
    killedBy:
      "read: no committed message between after and scannedTo is skipped",
    store: class extends Sound {
      override async read(request: ReadRequest) {
        const found = await super.read(request);
        return found.end ? found : {
          ...found,
          scannedTo: found.scannedTo + 1,
        };
      }
    },
  },
  {
    guarantee: "G2",
    fault: "the end is taken for the end of all times",
    killedBy: "read: what is committed after the end lies beyond scannedTo",
    store: class extends Sound {
      override async read(request: ReadRequest) {
        const found = await super.read(request);
        return found.end ? { ...found, scannedTo: 1e9 } : found;
      }
    },
  },
  {
    guarantee: "G3",
    fault: "messages are read without an order",
    killedBy: "enqueue: a thousand messages of one call keep their order",
    store: class extends Sound {
      override async read(request: ReadRequest) {
        const found = await super.read(request);
        return { ...found, messages: [...found.messages].reverse() };
      }
    },
  },
  {
    guarantee: "G3",
    fault: "a lane is read without its end",
    killedBy: "lane: it is read beyond after, up to and including upTo",
    store: class extends Sound {
      override readLane(request: ReadLaneRequest) {
        return super.readLane({ ...request, upTo: Infinity });
      }
    },
  },
  {
    guarantee: "G5",
    fault: "a lane has its dead messages",
    killedBy: "lane: it leaves out dead messages, and only those",
    store: class extends Sound {
      override readLane(request: ReadLaneRequest) {
        const scan = { ...request, rows: 1_000 };
        const own = ({ key }: { key: string | null }) => key === request.key;
        return Promise.resolve(page(this.db, scan, own));
      }
    },
  },
  {
    guarantee: "G5",
    fault: "messages that wait are read again and again",
    killedBy: "read: messages with a failure record are left out",
    store: class extends Sound {
      override read(request: ReadRequest) {
        const scan = { ...request, upTo: Infinity, rows: 1_000 };
        const except = new Set<string | null>(request.exceptKeys);
        return Promise.resolve(
          page(this.db, scan, ({ key }) => !except.has(key)),
        );
      }
    },
  },
  {
    guarantee: "G7",
    fault: "a read has no limit",
    killedBy: "read: pages follow each other in commit order, bounded by limit",
    store: class extends Sound {
      override read(request: ReadRequest) {
        return super.read({ ...request, limit: Infinity });
      }
    },
  },
  {
    guarantee: "G7",
    fault: "a read counts no bytes",
    killedBy: "read: a page is bounded by bytes, but has at least one message",
    store: class extends Sound {
      override read(request: ReadRequest) {
        return super.read({ ...request, maxBytes: Infinity });
      }
    },
  },
  {
    guarantee: "G8",
    fault: "what waits for its retry is in no list",
    killedBy: "reach: whatever is stored is found by some query",
    store: class extends Sound {
      override async failures(
        request: Parameters<MemoryStore["failures"]>[0],
      ): Promise<FailureRecord[]> {
        const found = await super.failures(request);
        return found.filter(({ state }) => state === "dead");
      }
    },
  },
  {
    guarantee: "G8",
    fault: "a page without messages gets nowhere",
    killedBy: "read: it makes progress when everything is left out",
    store: class extends Sound {
      override async read(request: ReadRequest) {
        const found = await super.read(request);
        if (found.end || found.messages.length > 0) return found;
        return { ...found, scannedTo: request.after };
      }
    },
  },
  {
    guarantee: "G3",
    fault: "keys that differ in case are one lane",
    killedBy: "lane: keys that differ a little are different lanes",
    store: class extends Sound {
      override readLane(request: ReadLaneRequest) {
        const fold = (key: string | null) => key?.toLowerCase() ?? null;
        const own = ({ key }: { key: string | null }) =>
          fold(key) === fold(request.key);
        return Promise.resolve(page(this.db, { ...request, rows: 50 }, own));
      }
    },
  },
];
