import { describe, expect, test } from "vitest";
import { checkedKey } from "../../src/logic/key.ts";

const check = (value: unknown) => checkedKey({ action: "try", value });

describe("checkedKey", () => {
  test.each(["m-1", "M-1", " ", "null", "zähler/😀", "k".repeat(65_535), null])(
    "accepts %j",
    (key) => {
      expect(check(key)).toBe(key);
    },
  );

  test.each([
    undefined,
    "",
    "k".repeat(65_536),
    "a\u0000",
    "a\udfff",
    1,
    {},
    Promise.resolve("a"),
  ])("refuses %j", (key) => {
    expect(() => check(key)).toThrow(
      expect.objectContaining({ code: "INVALID_KEY", field: "key" }),
    );
  });
});
