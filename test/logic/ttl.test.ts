import { describe, expect, test } from "vitest";
import { checkedTtl } from "../../src/logic/ttl.ts";

const check = (value: unknown) => checkedTtl({ action: "try", value });

describe("checkedTtl", () => {
  test.each([1, 1_000, 315_360_000_000, null])("accepts %j", (ttlMs) => {
    expect(check(ttlMs)).toBe(ttlMs);
  });

  test.each([
    undefined,
    0,
    -0,
    -1,
    0.5,
    1.5,
    NaN,
    Infinity,
    315_360_000_001,
    1n,
    "1000",
    {},
    Promise.resolve(1),
  ])("refuses %s", (ttlMs) => {
    expect(() => check(ttlMs)).toThrow(
      expect.objectContaining({ code: "INVALID_TTL", field: "ttlMs" }),
    );
  });
});
