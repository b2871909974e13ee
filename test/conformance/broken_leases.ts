/**
 * Stores whose lease is no fence: what one relay may do, another may too.
 *
 * @module
 */

import type { SettleRequest } from "@mailboat/outbox";
import type { MemoryStore } from "../../src/testing/memory_store.ts";
import { type BrokenStorage, Sound } from "./broken_storage.ts";

/** Settles under the lease that is in force, whoever asks. */
class Unfenced extends Sound {
  override settle(request: SettleRequest) {
    const { epoch, owner } = this.db.lease;
    return super.settle({ ...request, lease: { epoch, owner: owner! } });
  }
}

/** Gives the lease to whoever asks. */
class Generous extends Sound {
  override acquire(request: Parameters<MemoryStore["acquire"]>[0]) {
    return super.acquire({ ...request, expect: this.db.lease });
  }
}

/** The faults of who may do what. */
export const brokenLeases: readonly BrokenStorage[] = [
  {
    guarantee: "G4",
    fault: "a settle asks for no lease",
    killedBy:
      "settle: a lease that was lost records nothing, and names all (keep)",
    store: Unfenced,
  },
  {
    guarantee: "G4",
    fault: "a relay comes back and settles without a lease",
    killedBy:
      "relay: paused before it records a refusal, it overwrites no later one",
    store: Unfenced,
  },
  {
    guarantee: "G4",
    fault: "a paused relay settles under another one's lease",
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
    guarantee: "G4",
    fault: "a released lease is still in force",
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
    guarantee: "G4",
    fault: "what a stale settle lost is not told",
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
    guarantee: "G4",
    fault: "whoever asks gets the lease",
    killedBy: "lease: an expectation that is out of date takes nothing",
    store: Generous,
  },
  {
    guarantee: "G3",
    fault: "two relays have the lease, and both send",
    killedBy: "relay: two race over one key, paused anywhere and for any time",
    store: Generous,
  },
  {
    guarantee: "G4",
    fault: "the lease is compared, and set later",
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
    guarantee: "G4",
    fault: "the epoch stays when the owner changes",
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
    guarantee: "G4",
    fault: "a renewal is no beat",
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
    guarantee: "G4",
    fault: "every connection has an outbox of its own",
    killedBy: "restart: committed messages and the outbox's identity survive",
    store: class extends Sound {
      override readonly identity: string = crypto.randomUUID();
    },
  },
];
