import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FailureRecord, Message, Page, Store } from "../../mod.ts";
import type { MemoryStorage } from "../../src/testing/mod.ts";
import {
  commit,
  openMemory,
  readAll,
  sampleFailure,
  sampleMessage,
  settleRequest,
  takeLease,
} from "./samples.ts";

const KEYS = ["a", "b", "c", null];

/** What the contract says about the store, in the plainest words: two lists. */
class Model {
  messages: Message[] = [];
  failures: FailureRecord[] = [];

  failureOf(seq: number): FailureRecord | undefined {
    return this.failures.find((failure) => failure.seq === seq);
  }

  /** Everything a read may bring, however far it is asked to look. */
  readable(exceptKeys: readonly string[]): Message[] {
    return this.messages.filter(({ seq, key }) =>
      this.failureOf(seq) === undefined &&
      (key === null || !exceptKeys.includes(key))
    );
  }

  lane(key: string | null, upTo: number): Message[] {
    return this.messages.filter((message) =>
      message.key === key && message.seq <= upTo &&
      this.failureOf(message.seq)?.state !== "dead"
    );
  }

  settle(delivered: number[], failed: FailureRecord[]): void {
    this.messages = this.messages.filter(({ seq }) => !delivered.includes(seq));
    this.failures = this.failures.filter(({ seq }) =>
      !delivered.includes(seq) && !failed.some((one) => one.seq === seq)
    ).concat(failed);
  }
}

interface Run {
  readonly storage: MemoryStorage;
  readonly store: Store;
  readonly model: Model;
}

type Step = (run: Run) => Promise<void>;

/** Every sentence of the contract about pages. */
function checkPage(
  page: Page,
  matching: readonly Message[],
  asked: { after: number; limit: number; maxBytes: number },
): void {
  const beyond = matching.filter(({ seq }) => seq > asked.after);
  const bytes = page.messages.reduce((sum, m) => sum + m.payload.length, 0);
  expect(page.messages).toEqual(
    beyond.filter(({ seq }) => seq <= page.scannedTo),
  );
  expect(page.messages.length).toBeLessThanOrEqual(asked.limit);
  if (page.messages.length > 1) {
    expect(bytes).toBeLessThanOrEqual(asked.maxBytes);
  }
  expect(page.scannedTo).toBeGreaterThanOrEqual(asked.after);
  if (page.end) expect(beyond.length).toBe(page.messages.length);
  else expect(page.scannedTo).toBeGreaterThan(asked.after);
}

const asked = {
  after: fc.nat({ max: 20 }),
  limit: fc.integer({ min: 1, max: 6 }),
  maxBytes: fc.integer({ min: 0, max: 40 }),
};

const enqueueStep = fc.record({
  keys: fc.array(fc.constantFrom(...KEYS), { minLength: 1, maxLength: 5 }),
  bytes: fc.nat({ max: 20 }),
  commits: fc.boolean(),
}).map(({ keys, bytes, commits }): Step => async ({ storage, model }) => {
  const payload = new Uint8Array(bytes);
  const messages = keys.map((key) => sampleMessage("m", { key, payload }));
  const tx = storage.begin();
  await storage.writer.insert(tx, messages);
  if (!commits) return tx.rollback();
  const used = storage.snapshot().committed.length;
  tx.commit();
  messages.forEach(({ chosenId: _, counted: _counted, ...message }, index) =>
    model.messages.push({ ...message, seq: used + 1 + index, position: null })
  );
});

const settleStep = fc.record({
  picks: fc.array(fc.nat({ max: 30 }), { maxLength: 5 }),
  fates: fc.array(fc.constantFrom("delivered", "retry", "dead"), {
    minLength: 5,
    maxLength: 5,
  }),
  stale: fc.boolean(),
}).map(({ picks, fates, stale }): Step => async ({ store, model }) => {
  const present = model.messages.filter(({ seq }) => picks.includes(seq));
  const fateOf = (index: number) => fates[index % fates.length];
  const delivered = present.filter((_, i) => fateOf(i) === "delivered")
    .map(({ seq }) => seq);
  const failed = present.flatMap(({ seq, key }, i) => {
    const state = fateOf(i);
    if (state !== "retry" && state !== "dead") return [];
    return [sampleFailure(seq, { key, state })];
  });
  const recovered = delivered.filter((seq) => model.failureOf(seq));
  const lease = await takeLease(store);
  const request = settleRequest(
    stale ? { ...lease, epoch: lease.epoch - 1 } : lease,
    { delivered, recovered, failed },
  );
  const { inForce } = await store.settle(request);
  expect(inForce).toBe(!stale);
  if (!stale) model.settle(delivered, failed);
});

const readStep = fc.record({
  ...asked,
  exceptKeys: fc.uniqueArray(fc.constantFrom("a", "b", "c"), { maxLength: 2 }),
}).map((request): Step => async ({ store, model }) =>
  checkPage(
    await store.read(request),
    model.readable(request.exceptKeys),
    request,
  )
);

const readLaneStep = fc.record({
  ...asked,
  key: fc.constantFrom(...KEYS),
  upTo: fc.nat({ max: 25 }),
}).map((request): Step => async ({ store, model }) =>
  checkPage(
    await store.readLane(request),
    model.lane(request.key, request.upTo),
    request,
  )
);

describe("reading from a memory store", () => {
  it("agrees with two plain lists, whatever was enqueued and settled", async () => {
    const step = fc.oneof(
      { arbitrary: enqueueStep, weight: 4 },
      { arbitrary: settleStep, weight: 2 },
      { arbitrary: readStep, weight: 2 },
      { arbitrary: readLaneStep, weight: 2 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 5, maxLength: 60 }),
        fc.integer({ min: 1, max: 8 }),
        async (steps, scanRows) => {
          const run = { ...await openMemory({ scanRows }), model: new Model() };
          for (const take of steps) await take(run);
          expect(run.storage.snapshot().messages).toEqual(run.model.messages);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("sees nothing of a transaction that is open", async () => {
    const { storage, store } = await openMemory();
    const tx = storage.begin();
    await storage.writer.insert(tx, [sampleMessage("a")]);
    const request = { after: 0, exceptKeys: [], limit: 9, maxBytes: 99 };
    expect(await store.read(request))
      .toEqual({ messages: [], scannedTo: 0, end: true });
    tx.commit();
    expect(await readAll(store)).toEqual([1]);
  });

  it("may find nothing on its way to the end, and says so", async () => {
    const { storage, store } = await openMemory({ scanRows: 2 });
    const held = ["a", "b", "c"].map((id) => sampleMessage(id, { key: "k" }));
    await commit(storage, ...held, sampleMessage("d"));
    const request = { exceptKeys: ["k"], limit: 9, maxBytes: 99 };
    expect(await store.read({ ...request, after: 0 }))
      .toEqual({ messages: [], scannedTo: 2, end: false });
    expect(await store.read({ ...request, after: 2 }))
      .toMatchObject({ messages: [{ seq: 4 }], scannedTo: 4, end: true });
  });

  it("brings a message that exceeds the bytes asked for, alone", async () => {
    const { storage, store } = await openMemory();
    const big = { payload: new Uint8Array(1_000) };
    await commit(storage, sampleMessage("a", big), sampleMessage("b", big));
    const request = { after: 0, exceptKeys: [], limit: 9, maxBytes: 10 };
    expect(await store.read(request))
      .toMatchObject({ messages: [{ seq: 1 }], scannedTo: 1, end: false });
  });

  it("reads a lane up to and including a sequence", async () => {
    const { storage, store } = await openMemory();
    const messages = ["a", "b", "c"].map((id) =>
      sampleMessage(id, { key: "k" })
    );
    await commit(storage, ...messages, sampleMessage("d"));
    const request = { key: "k", after: 1, upTo: 2, limit: 9, maxBytes: 99 };
    expect(await store.readLane(request))
      .toMatchObject({ messages: [{ seq: 2 }], scannedTo: 2, end: true });
    const unkeyed = { ...request, key: null, upTo: 4 };
    expect((await store.readLane(unkeyed)).messages).toMatchObject([{
      seq: 4,
    }]);
  });

  it("leaves out failed messages, and in a lane only the dead", async () => {
    const { storage, store } = await openMemory();
    const messages = ["a", "b", "c"].map((id) =>
      sampleMessage(id, { key: "k" })
    );
    await commit(storage, ...messages);
    const lease = await takeLease(store);
    const failed = [
      sampleFailure(1, { key: "k", state: "dead" }),
      sampleFailure(2, { key: "k" }),
    ];
    await store.settle(settleRequest(lease, { failed }));
    expect(await readAll(store)).toEqual([3]);
    const lane = { key: "k", after: 0, upTo: 3, limit: 9, maxBytes: 99 };
    expect((await store.readLane(lane)).messages.map(({ seq }) => seq))
      .toEqual([2, 3]);
  });
});
