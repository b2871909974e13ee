import fc from "fast-check";
import { expect, test } from "vitest";
import { reconnectWaitMs, type Setback } from "../../src/logic/reconnect.ts";

const setback = (over: Partial<Setback>): Setback => ({
  advice: "soon",
  tries: 1,
  baseMs: 250,
  capMs: 30_000,
  slowMs: 120_000,
  random: 0.5,
  ...over,
});

test("comes back at once the first time only", () => {
  expect(reconnectWaitMs(setback({ advice: "at-once" }))).toBe(0);
  expect(reconnectWaitMs(setback({ advice: "at-once", tries: 2 })))
    .toBe(reconnectWaitMs(setback({ tries: 2 })));
});

test("waits for a length of time where only time or people help", () => {
  for (const advice of ["slow", "config"] as const) {
    expect(reconnectWaitMs(setback({ advice, random: 0 }))).toBe(60_000);
    expect(reconnectWaitMs(setback({ advice, random: 0.999_999 })))
      .toBeLessThanOrEqual(120_000);
  }
});

test("never waits longer than its bounds", () => {
  fc.assert(fc.property(
    fc.constantFrom("soon", "limit", "suspect", "silent", "at-once"),
    fc.integer({ min: 1, max: 1_000 }),
    fc.double({ min: 0, max: 0.999_999, noNaN: true }),
    (advice, tries, random) => {
      const waitMs = reconnectWaitMs(setback({ advice, tries, random }));
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThanOrEqual(30_000);
    },
  ));
});
