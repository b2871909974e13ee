import { expect, test } from "vitest";
import { checkedCorrelationData } from "../../src/logic/correlation_data.ts";

const check = (value: unknown) =>
  checkedCorrelationData({ action: "try", value });

test("takes a copy of bytes, and nothing for nothing", () => {
  const bytes = Uint8Array.of(1, 2, 3);
  const kept = check(bytes);
  bytes.fill(9);
  expect(kept).toEqual(Uint8Array.of(1, 2, 3));
  expect(check(Buffer.from([4]))).toEqual(Uint8Array.of(4));
  expect(check(new Uint8Array(65_535))?.length).toBe(65_535);
  expect([check(undefined), check(null)]).toEqual([null, null]);
});

test.each([
  ["too many bytes", new Uint8Array(65_536), "65536 bytes"],
  ["a text", "abc", "a string"],
  ["numbers", [1, 2], "an array"],
  ["a buffer without a view", new ArrayBuffer(2), "an ArrayBuffer"],
  ["wider numbers", new Uint16Array(2), "an Uint16Array"],
])("refuses %s", (_, value, found) => {
  expect(() => check(value)).toThrow(expect.objectContaining({
    code: "INVALID_CORRELATION_DATA",
    field: "correlationData",
    found: expect.stringContaining(found.slice(2)),
  }));
});
