import { describe, expect, test } from "vitest";
import { checkedMediaType } from "../../src/logic/media_type.ts";

const check = (value: unknown) => checkedMediaType({ action: "try", value });

describe("checkedMediaType", () => {
  test.each([
    "application/json",
    "application/vnd.meter+json; charset=utf-8",
    "text/plain;charset=utf-8",
    "application/x-protobuf",
  ])("accepts %j", (type) => {
    expect(check(type)).toBe(type);
  });

  test.each([
    "",
    "json",
    "application/",
    "/json",
    "a b/c",
    "application/json\r\nX: y",
    `a/${"b".repeat(254)}`,
    7,
    null,
  ])("refuses %j", (type) => {
    expect(() => check(type)).toThrow(
      expect.objectContaining({ code: "INVALID_EVENT", field: "contentType" }),
    );
  });
});
