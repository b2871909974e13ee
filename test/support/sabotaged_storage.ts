/**
 * A storage that makes its relay break a promise, for runs that prove that
 * whoever judges them is not blind.
 *
 * @module
 */

import type {
  Lease,
  Page,
  SettleRequest,
  StorageBase,
  Store,
} from "@mailboat/outbox";

/**
 * `mark-first`: a message counts as delivered as soon as it is read.
 * `no-fence`: no lease keeps anybody from taking one, or from settling.
 */
export type Sabotage = "mark-first" | "no-fence";

/** Wraps a storage for a relay. */
export function sabotagedStorage(
  storage: StorageBase,
  sabotage: Sabotage,
): StorageBase {
  const wrap = { "mark-first": markingFirst, "no-fence": withoutFence };
  return {
    migrate: () => storage.migrate(),
    open: async () => wrap[sabotage](await storage.open()),
  };
}

function markingFirst(store: Store): Store {
  let lease: Lease | null = null;
  const marked = async (page: Page): Promise<Page> => {
    const delivered = page.messages.map(({ seq }) => seq);
    if (lease !== null && delivered.length > 0) {
      await store.settle({ ...NOTHING, lease, delivered, nowMs: Date.now() });
    }
    return page;
  };
  return wrapped(store, {
    acquire: async (request) => lease = await store.acquire(request),
    read: async (request) => await marked(await store.read(request)),
    readLane: async (request) => await marked(await store.readLane(request)),
  });
}

const NOTHING: Omit<SettleRequest, "lease" | "delivered" | "nowMs"> = {
  expired: [],
  recovered: [],
  failed: [],
  archive: false,
  keepExpired: 1_000,
  then: "keep",
  proven: false,
};

/** Every relay finds itself in charge, and takes the lease from the other to settle. */
function withoutFence(store: Store): Store {
  let own: Lease | null = null;
  const take = async (
    { owner, leaseMs, nowMs }: Omit<Acquisition, "expect">,
  ): Promise<Lease> => {
    for (;;) {
      const { lease: expect } = await store.survey();
      const lease = await store.acquire({ owner, leaseMs, nowMs, expect });
      if (lease !== null) return lease;
    }
  };
  return wrapped(store, {
    survey: async () => {
      const survey = await store.survey();
      const lease = { ...survey.lease, owner: null, unproven: 0, ...own };
      return { ...survey, lease };
    },
    acquire: async (request) => own = await take(request),
    settle: async (request) => {
      const { nowMs, lease: { owner } } = request;
      const lease = await take({ owner, leaseMs: 1, nowMs });
      if (request.then === "release") own = null;
      return await store.settle({ ...request, lease });
    },
  });
}

type Acquisition = Parameters<Store["acquire"]>[0];

/** Whatever a store may do besides goes through as it is. */
function wrapped(store: Store, changed: Partial<Store>): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(
        name in changed ? changed : target,
        name,
      );
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
