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
    fault: "G2: a settle removes more than it is asked to",
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
    fault: "G2: a settle removes what has failed",
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
    fault: "G2: a settle that meets a lock is recorded in part",
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
    fault: "G2: pruning removes messages that are not delivered",
    killedBy: "archive: pruning touches no message that is not delivered",
    store: class extends Sound {
      override prune(request: Parameters<MemoryStore["prune"]>[0]) {
        this.db.messages.clear();
        return super.prune(request);
      }
    },
  },
  {
    fault: "G3: a discarded message gives its sequence away",
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
    fault: "G4: a settle asks for no lease",
    killedBy:
      "settle: a lease that was lost records nothing, and names all (keep)",
    store: class extends Sound {
      override settle(request: SettleRequest) {
        const { epoch, owner } = this.db.lease;
        return super.settle({ ...request, lease: { epoch, owner: owner! } });
      }
    },
  },
  {
    fault: "G4: a relay comes back and settles without a lease",
    killedBy:
      "relay: paused before it records a refusal, it overwrites no later one",
    store: class extends Sound {
      override settle(request: SettleRequest) {
        const { epoch, owner } = this.db.lease;
        return super.settle({ ...request, lease: { epoch, owner: owner! } });
      }
    },
  },
  {
    fault: "G4: a paused relay settles under another one's lease",
    killedBy: "lease: two relays race over one key, and only one settles it",
    store: class extends Sound {
      override settle(request: SettleRequest) {
        const owner = this.db.lease.owner!;
        const lease = { ...request.lease, owner };
        return super.settle({ ...request, lease });
      }
    },
  },
  {
    fault: "G4: a released lease is still in force",
    killedBy: "settle: a lease that was released records nothing",
    store: class extends Sound {
      override settle(request: SettleRequest) {
        const owner = this.db.lease.owner ?? request.lease.owner;
        this.db.lease = { ...this.db.lease, owner };
        return super.settle(request);
      }
    },
  },
  {
    fault: "G4: what a stale settle lost is not told",
    killedBy:
      "settle: a lease that was lost records nothing, and names all (renew)",
    store: class extends Sound {
      override async settle(request: SettleRequest) {
        const settled = await super.settle(request);
        return { ...settled, lost: [] };
      }
    },
  },
  {
    fault: "G4: whoever asks gets the lease",
    killedBy: "lease: an expectation that is out of date takes nothing",
    store: class extends Sound {
      override acquire(request: Parameters<MemoryStore["acquire"]>[0]) {
        return super.acquire({ ...request, expect: this.db.lease });
      }
    },
  },
  {
    fault: "G4: the lease is compared, and set later",
    killedBy: "lease: of many who expect the same at once, one gets it",
    store: class extends Sound {
      override async acquire(request: Parameters<MemoryStore["acquire"]>[0]) {
        const { epoch, beat } = this.db.lease;
        const { expect } = request;
        if (epoch !== expect.epoch || beat !== expect.beat) return null;
        await Promise.resolve();
        return await super.acquire({ ...request, expect: this.db.lease });
      }
    },
  },
  {
    fault: "G4: the epoch stays when the owner changes",
    killedBy:
      "lease: the epoch rises for another owner, and stays for the same",
    store: class extends Sound {
      override async acquire(request: Parameters<MemoryStore["acquire"]>[0]) {
        const { epoch } = this.db.lease;
        const lease = await super.acquire(request);
        if (lease === null) return null;
        this.db.lease = { ...this.db.lease, epoch: Math.max(1, epoch) };
        return { ...lease, epoch: this.db.lease.epoch };
      }
    },
  },
  {
    fault: "G4: a renewal is no beat",
    killedBy: "lease: keeping, renewing and releasing do what they say",
    store: class extends Sound {
      override async settle(request: SettleRequest) {
        const { beat } = this.db.lease;
        const settled = await super.settle(request);
        this.db.lease = { ...this.db.lease, beat };
        return settled;
      }
    },
  },
  {
    fault: "G6: failures are not recorded",
    killedBy: "failures: every field of a record survives",
    store: class extends Sound {
      override settle(request: SettleRequest) {
        return super.settle({ ...request, failed: [] });
      }
    },
  },
  {
    fault: "G6: a failure is recorded once and never replaced",
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
    fault: "G8: a retried message waits for nobody knows what",
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
    fault: "G2: an operator discards what still waits for its retry",
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
    fault: "G2: a message is archived again with every settle",
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
    fault: "G8: a failure is recorded without its message",
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
    fault: "G7: the archive is never pruned by number",
    killedBy: "archive: it is pruned by age and by number, a part at a time",
    store: class extends Sound {
      override prune(request: Parameters<MemoryStore["prune"]>[0]) {
        return super.prune({ ...request, keepRows: Infinity });
      }
    },
  },
  {
    fault: "G4: every connection has an outbox of its own",
    killedBy: "restart: committed messages and the outbox's identity survive",
    store: class extends Sound {
      override readonly identity: string = crypto.randomUUID();
    },
  },
];
