import { expect, test } from "vitest";
import { nextLookMs, settleDue } from "../../src/logic/pacing.ts";

test("looks become rarer up to the poll interval", () => {
  const waits: number[] = [];
  for (let wait = 0; waits.length < 8;) waits.push(wait = nextLookMs(wait, 50));
  expect(waits).toEqual([1, 2, 4, 8, 16, 32, 50, 50]);
});

test("outcomes are recorded at once when nothing can be sent without, else in groups", () => {
  const base = {
    pending: 1,
    oldestMs: 0,
    canSend: true,
    groupSize: 10,
    delayMs: 5,
    nowMs: 1,
  };
  expect(settleDue({ ...base, pending: 0, canSend: false })).toBe(false);
  expect(settleDue(base)).toBe(false);
  expect(settleDue({ ...base, canSend: false })).toBe(true);
  expect(settleDue({ ...base, pending: 10 })).toBe(true);
  expect(settleDue({ ...base, nowMs: 5 })).toBe(true);
});
