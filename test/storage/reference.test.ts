/**
 * The reference: whatever is done, a store in a file tells what a store in
 * memory tells.
 */

import type { FailureRecord, Lease, Storage, Store } from "@mailboat/outbox";
import { createMemoryStorage } from "@mailboat/outbox/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createRig, everything, message } from "./rig.ts";

const keys = ["a", "A", "b", null] as const;

/** One thing that may be done; sequences are chosen among those in use. */
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("enqueue" as const),
      keys: fc.array(fc.constantFrom(...keys), { minLength: 1, maxLength: 4 }),
      ids: fc.array(fc.constantFrom("x", "y", "z", undefined), {
        minLength: 4,
        maxLength: 4,
      }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("settle" as const),
      outcomes: fc.array(
        fc.constantFrom("delivered", "expired", "retry", "dead", "none"),
        { minLength: 5, maxLength: 5 },
      ),
      archive: fc.boolean(),
      keepExpired: fc.constantFrom(1, 3, 100),
      then: fc.constantFrom("keep", "renew", "release"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("acquire" as const),
      owner: fc.constantFrom("one", "two"),
      late: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("retryDead" as const, "discardDead" as const),
      filter: fc.constantFrom({}, { key: "a" }, { id: "x" }, { topic: "t/A" }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("prune" as const),
      deliveredBeforeMs: fc.nat(40),
      keepRows: fc.constantFrom(0, 2, 100),
      limit: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reopen" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A storage that is tried, and how to commit to it. */
interface Subject {
  readonly storage: Storage<never, never>;
  within<T>(work: (tx: never) => Promise<T>): Promise<T>;
}

/** Does every step, and notes all that can be seen after each. */
async function story(
  { storage, within }: Subject,
  steps: readonly Step[],
): Promise<unknown[]> {
  const told: unknown[] = [];
  let store = await storage.open();
  let lease: Lease = { epoch: 0, owner: "nobody" };
  for (const [nowMs, one] of steps.entries()) {
    if (one.do === "reopen") {
      await store.close();
      store = await storage.open();
    } else if (one.do === "enqueue") {
      const batch = one.keys.map((key, at) => {
        const id = one.ids[at];
        return message({
          id: id ?? `${nowMs}.${at}`,
          chosenId: id !== undefined,
          key,
          topic: `t/${key}`,
          counted: at % 3 !== 1,
        });
      });
      told.push(await within((tx) => storage.writer.insert(tx, batch)));
    } else if (one.do === "acquire") {
      const { lease: { epoch, beat } } = await store.survey();
      const expected = { epoch, beat: beat - Number(one.late) };
      const request = { owner: one.owner, leaseMs: 9, nowMs, expect: expected };
      const mine = await store.acquire(request);
      told.push(mine);
      lease = mine ?? lease;
    } else if (one.do === "settle") {
      told.push(await settle(store, lease, one, nowMs));
    } else if (one.do === "prune") told.push(await store.prune(one));
    else told.push(await store[one.do](one.filter));
    told.push(await view(store));
  }
  await store.close();
  return told;
}

async function settle(
  store: Store,
  lease: Lease,
  { outcomes, archive, keepExpired, then }: Extract<Step, { do: "settle" }>,
  nowMs: number,
) {
  const records = await store.failures({ after: 0, limit: 99 });
  const lanes = keys.map((key) =>
    store.readLane({ ...everything, key, upTo: 1_000 })
  );
  const live = (await Promise.all(lanes)).flatMap(({ messages }) => messages)
    .sort((one, other) => one.seq - other.seq)
    .map(({ seq, key }, at) => ({ seq, key, outcome: outcomes[at] }));
  const seqsOf = (wanted: string) =>
    live.filter(({ outcome }) => outcome === wanted).map(({ seq }) => seq);
  const delivered = seqsOf("delivered");
  const expired = seqsOf("expired");
  const failed = live.flatMap(({ seq, key, outcome }): FailureRecord[] =>
    outcome === "retry" || outcome === "dead"
      ? [{
        seq,
        key,
        state: outcome,
        holds: true,
        attempts: nowMs,
        deaths: 0,
        trial: null,
        firstFailedAtMs: nowMs,
        failedAtMs: nowMs,
        delayMs: 1,
        code: "c",
        reason: "r",
      }]
      : []
  );
  const recovered = records.map(({ seq }) => seq)
    .filter((seq) => delivered.includes(seq) || expired.includes(seq));
  return store.settle({
    lease,
    delivered,
    expired,
    recovered,
    failed,
    archive,
    keepExpired,
    then,
    proven: false,
    nowMs,
  });
}

/** All that a store tells, whatever it looks at to find it. */
async function view(store: Store): Promise<unknown> {
  const lanes = await Promise.all(
    keys.map((key) => store.readLane({ ...everything, key, upTo: 1_000 })),
  );
  const rest = await store.read({ ...everything, exceptKeys: ["a"] });
  return {
    survey: await store.survey(),
    all: (await store.read(everything)).messages,
    rest: rest.messages,
    ends: [rest.end, ...lanes.map(({ end }) => end)],
    lanes: lanes.map(({ messages }) => messages),
    failures: await store.failures({ after: 0, limit: 99 }),
    dead: await store.listDead({ filter: {}, after: 0, limit: 99 }),
    expired: await store.listExpired({ before: 1_000, limit: 99 }),
  };
}

test("whatever is done, it tells what the store in memory tells", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const memory = createMemoryStorage();
      await memory.migrate();
      const reference: Subject = {
        storage: memory as unknown as Storage<never, never>,
        async within(work) {
          const tx = memory.begin();
          const result = await work(tx as never);
          tx.commit();
          return result;
        },
      };
      const told = await story(await createRig(), steps);
      expect(told).toEqual(await story(reference, steps));
    }),
    { numRuns: 150 },
  );
}, 120_000);
