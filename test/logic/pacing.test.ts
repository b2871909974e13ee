import { describe, expect, test } from "vitest";
import { nextLookMs, settleWaitMs } from "../../src/logic/pacing.ts";

test("looks become rarer up to the poll interval", () => {
  const waits: number[] = [];
  for (let wait = 0; waits.length < 8;) waits.push(wait = nextLookMs(wait, 50));
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 50, 50]);
});

describe("outcomes are recorded", () => {
  const pace = { settleBatch: 10, settleDelayMs: 5, settleIdleMs: 1_000 };
  const one = { pending: 1, ageMs: 1, canSend: true, isIdle: false };

  test.each([
    ["never when there are none", { pending: 0, canSend: false }, Infinity],
    ["in groups while more can be sent", {}, 4],
    ["after a time", { ageMs: 5 }, 0],
    ["long after it", { ageMs: 50 }, 0],
    ["at once when the group is large enough", { pending: 10 }, 0],
    ["at once when something waits for it", { canSend: false }, 0],
    ["in groups while idle", { canSend: false, isIdle: true }, 999],
    [
      "after a time while idle",
      { canSend: false, isIdle: true, ageMs: 1_000 },
      0,
    ],
    [
      "at once in a group that is large enough, though idle",
      { canSend: false, isIdle: true, pending: 10 },
      0,
    ],
  ])("%s", (_, given, waitMs) => {
    expect(settleWaitMs({ ...one, ...given }, pace)).toBe(waitMs);
  });
});
