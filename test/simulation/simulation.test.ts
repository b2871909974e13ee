import { expect, test } from "vitest";
import { runBatch } from "./batch.ts";
import { tooRare } from "./coverage.ts";

const SEEDS = 2_000;

test(
  "every seed keeps every promise, and together they reach every rare situation",
  async () => {
    const { failures, situations } = await runBatch({ first: 1, seeds: SEEDS });
    expect(failures).toEqual([]);
    expect(tooRare(situations, SEEDS)).toEqual([]);
  },
  300_000,
);

// Two messages were on trial at once; a message was blamed though it was never sent.
test.each([92, 42042])("seed %i keeps every promise", async (seed) => {
  expect((await runBatch({ first: seed, seeds: 1 })).failures).toEqual([]);
});

// Kept because it broke a promise once.
test.each([
  // A dead letter is brought back while its lane is read anew for another reason.
  5131029,
])("seed %i keeps every promise", async (first) => {
  const { failures } = await runBatch({ first, seeds: 1 });
  expect(failures).toEqual([]);
});
