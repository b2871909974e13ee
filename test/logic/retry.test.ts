import { exponentialRetry } from "@mailboat/outbox";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fullJitter } from "../../src/logic/retry.ts";

const failure = { code: "X", reason: "x" };

test("the wait stays within the exponential bound and the cap, whatever is drawn", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 10_000 }),
    fc.integer({ min: 1, max: 100_000 }),
    fc.integer({ min: 1, max: 1_000_000 }),
    fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    (attempts, baseMs, capMs, random) => {
      const waitMs = fullJitter({ attempts, baseMs, capMs, random });
      expect(Number.isInteger(waitMs)).toBe(true);
      expect(waitMs).toBeGreaterThanOrEqual(0);
      expect(waitMs).toBeLessThanOrEqual(
        Math.min(capMs, baseMs * 2 ** (attempts - 1)),
      );
    },
  ));
});

test("the whole range is drawn from", () => {
  const request = { attempts: 3, baseMs: 100, capMs: 1_000 };
  expect(fullJitter({ ...request, random: 0 })).toBe(0);
  expect(fullJitter({ ...request, random: 0.999999 })).toBe(400);
});

test("a message is retried up to the last attempt and then dead", () => {
  const policy = exponentialRetry({ maxAttempts: 3 });
  const kinds = [1, 2, 3, 4].map((attempts) =>
    policy({ attempts, ageMs: 0, failure, random: 0.5 }).kind
  );
  expect(kinds).toEqual(["retry", "retry", "dead", "dead"]);
});

test.each([
  ["baseMs", { baseMs: 0 }],
  ["capMs", { baseMs: 100, capMs: 50 }],
  ["maxAttempts", { maxAttempts: Number.NaN }],
])("%s that makes no sense is refused", (field, options) => {
  expect(() => exponentialRetry(options)).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION", field }),
  );
});
