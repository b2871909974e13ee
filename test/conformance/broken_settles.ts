/**
 * Stores whose writes break one promise each: settles, leases, dead letters.
 *
 * @module
 */

import type { DeadLetterFilter, SettleRequest } from "@mailboat/outbox";
import type { MemoryStore } from "../../src/testing/memory_store.ts";
import { type BrokenStorage, Sound } from "./broken_storage.ts";

/** The faults of what a store writes. */
export const brokenSettles: readonly BrokenStorage[] = [
  {
    guarantee: "G2",
    fault: "a settle removes more than it is asked to",
    killedBy: "settle: delivered messages are gone, all others stay",
    store: class extends Sound {
      override settle(request: SettleRequest) {
        const upTo = Math.max(0, ...request.delivered);
        const delivered = [...this.db.messages.keys()]
          .filter((seq) => seq <= upTo);
        return super.settle({ ...request, delivered });
      }
    },
  },
  {
    guarantee: "G2",
    fault: "a settle removes what has failed",
    killedBy: "reach: whatever is stored is found by some query",
    store: class extends Sound {
      override settle(request: SettleRequest) {
        const failed = request.failed.map(({ seq }) => seq);
        const delivered = [...request.delivered, ...failed];
        return super.settle({ ...request, delivered });
      }
    },
  },
  {
    guarantee: "G2",
    fault: "a settle that meets a lock is recorded in part",
    killedBy:
      "settle: while a transaction holds the lock it is whole or not at all",
    store: class extends Sound {
      override settle(request: SettleRequest) {
        return super.settle(request).catch((error: unknown) => {
          for (const seq of request.delivered) this.db.messages.delete(seq);
          throw error;
        });
      }
    },
  },
  {
    guarantee: "G2",
    fault: "a settle has an end and a beginning, and somebody between them",
    killedBy: "settle: whoever reads meanwhile sees all of it or nothing",
    store: class extends Sound {
      override async settle(request: SettleRequest) {
        await super.settle({ ...request, failed: [] });
        await new Promise((resolve) => setTimeout(resolve));
        return await super.settle({ ...request, delivered: [] });
      }
    },
  },
  {
    guarantee: "G8",
    fault: "a settle that meets a lock says that it is done",
    killedBy:
      "relay: transactions hold the lock while it works, for over a lease",
    store: class extends Sound {
      override settle(request: SettleRequest) {
        return super.settle(request)
          .catch(() => ({ inForce: true, lost: [] }));
      }
    },
  },
  {
    guarantee: "G2",
    fault: "pruning removes messages that are not delivered",
    killedBy: "archive: pruning touches no message that is not delivered",
    store: class extends Sound {
      override prune(request: Parameters<MemoryStore["prune"]>[0]) {
        this.db.messages.clear();
        return super.prune(request);
      }
    },
  },
  {
    guarantee: "G3",
    fault: "a discarded message gives its sequence away",
    killedBy: "sequence: that of a discarded message is not used again",
    store: class extends Sound {
      override async discardDead(filter: object) {
        const changed = await super.discardDead(filter);
        this.db.newestSeq = Math.max(0, ...this.db.messages.keys());
        return changed;
      }
    },
  },
  {
    guarantee: "G6",
    fault: "failures are not recorded",
    killedBy: "failures: every field of a record survives",
    store: class extends Sound {
      override settle(request: SettleRequest) {
        return super.settle({ ...request, failed: [] });
      }
    },
  },
  {
    guarantee: "G6",
    fault: "a failure is recorded once and never replaced",
    killedBy: "settle: a failure is recorded beside its message, and replaced",
    store: class extends Sound {
      override settle(request: SettleRequest) {
        const failed = request.failed
          .filter(({ seq }) => !this.db.failures.has(seq));
        return super.settle({ ...request, failed });
      }
    },
  },
  {
    guarantee: "G8",
    fault: "a retried message waits for nobody knows what",
    killedBy: "dead letters: a retried one lives again in its old place",
    store: class extends Sound {
      override async retryDead(filter: object) {
        const { revision } = this.db;
        const changed = await super.retryDead(filter);
        this.db.revision = revision;
        return changed;
      }
    },
  },
  {
    guarantee: "G2",
    fault: "an operator discards what still waits for its retry",
    killedBy: "dead letters: what is not dead is neither retried nor discarded",
    store: class extends Sound {
      override discardDead(filter: DeadLetterFilter) {
        for (const { id, seq } of this.db.messages.values()) {
          if (id === filter.id) this.db.messages.delete(seq);
        }
        return super.discardDead(filter);
      }
    },
  },
  {
    guarantee: "G2",
    fault: "a message is archived again with every settle",
    killedBy: "settle: recording the same outcomes again changes nothing",
    store: class extends Sound {
      override settle(request: SettleRequest) {
        const { archive } = this.db;
        const again = archive.filter(({ message }) =>
          request.delivered.includes(message.seq)
        );
        archive.push(...again);
        return super.settle(request);
      }
    },
  },
  {
    guarantee: "G8",
    fault: "a failure is recorded without its message",
    killedBy: "settle: a failure of a message that is gone is not recorded",
    store: class extends Sound {
      override async settle(request: SettleRequest) {
        const settled = await super.settle(request);
        for (const failure of settled.inForce ? request.failed : []) {
          this.db.failures.set(failure.seq, failure);
        }
        return settled;
      }
    },
  },
  {
    guarantee: "G2",
    fault: "an expired message leaves no trace",
    killedBy: "expired: a settled one leaves the outbox and is listed, whole",
    store: class extends Sound {
      override settle(request: SettleRequest) {
        const { delivered, expired } = request;
        const gone = [...delivered, ...expired];
        return super.settle({ ...request, delivered: gone, expired: [] });
      }
    },
  },
  {
    guarantee: "G2",
    fault: "only the expired messages that are kept are counted",
    killedBy: "expired: the newest are kept, the others only counted",
    store: class extends Sound {
      override async survey() {
        const survey = await super.survey();
        return { ...survey, expired: this.db.expired.length };
      }
    },
  },
  {
    guarantee: "G4",
    fault: "an expired message is settled under any lease",
    killedBy: "expired: a lease that was lost settles none, and names them",
    store: class extends Sound {
      override settle(request: SettleRequest) {
        const { epoch, owner } = this.db.lease;
        const lease = request.expired.length > 0
          ? { epoch, owner: owner ?? "" }
          : request.lease;
        return super.settle({ ...request, lease });
      }
    },
  },
  {
    guarantee: "G7",
    fault: "expired messages are kept for ever",
    killedBy: "expired: the newest are kept, the others only counted",
    store: class extends Sound {
      override settle(request: SettleRequest) {
        return super.settle({ ...request, keepExpired: Infinity });
      }
    },
  },
  {
    guarantee: "G7",
    fault: "the archive is never pruned by number",
    killedBy: "archive: it is pruned by age and by number, a part at a time",
    store: class extends Sound {
      override prune(request: Parameters<MemoryStore["prune"]>[0]) {
        return super.prune({ ...request, keepRows: Infinity });
      }
    },
  },
];
