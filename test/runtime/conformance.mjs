/**
 * The conformance cases of what is in memory, for whatever runs tests.
 */

import {
  createMemoryStorage,
  createMemoryTransport,
  createVirtualClock,
  inboxConformance,
  letterConformance,
  storageConformance,
  transportConformance,
} from "@mailboat/outbox/testing";

/** What every runner is given. */
export const cases = [
  ...storageConformance({ create: storageHarness }),
  ...inboxConformance({ create: storageHarness }),
  ...letterConformance({ create: storageHarness }),
  ...transportConformance({ create: transportHarness }),
];

async function storageHarness() {
  const storage = createMemoryStorage();
  const foreign = createMemoryStorage();
  await foreign.migrate();
  const harness = {
    storage,
    plainHandle: storage,
    transaction: (work) => within(storage, work),
    foreignTransaction: (work) => within(foreign, work),
    writeRow: async (tx, id) => await tx.put("rows", id, {}),
    rows: async () => await [...storage.rows("rows").keys()],
    batch: async (statements) => await storage.batch(statements),
    restart: async () => {
      storage.kill();
      return await harness;
    },
    close: async () => await undefined,
  };
  return harness;
}

async function within(storage, work) {
  const tx = storage.begin();
  try {
    const result = await work(tx);
    tx.commit();
    return result;
  } finally {
    tx.rollback();
  }
}

async function transportHarness() {
  const refusedTopic = "refused";
  const failure = { code: "NO", reason: "refused" };
  const memory = createMemoryTransport({
    clock: createVirtualClock(),
    answer: ({ topic }) =>
      topic === refusedTopic
        ? { kind: "retry", failure }
        : { kind: "delivered" },
  });
  let hangs = false;
  return await {
    transport: {
      name: memory.name,
      connect: (request) => {
        if (hangs) memory.hang("connect");
        return memory.connect(request);
      },
    },
    refusedTopic,
    replaces: true,
    received: () =>
      memory.received.map(({ message, terms }) => ({
        ...message,
        remainingMs: terms.remainingMs ?? null,
      })),
    hang: async () => await memory.hang(void (hangs = true)),
    resume: async () => await memory.release(void (hangs = false)),
    cut: async () => {
      hangs = false;
      memory.cut();
      await memory.release();
    },
    refuse: async () => await memory.down("TRANSPORT_REFUSED"),
    stop: async () => await memory.down(),
    close: async () => await memory.down(),
  };
}
