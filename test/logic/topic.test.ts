import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { checkedTopic } from "../../src/logic/topic.ts";

const check = (value: unknown) => checkedTopic({ action: "try", value });

describe("checkedTopic", () => {
  test.each([
    "a",
    "/",
    "//",
    "/meters",
    "meters/",
    "meters//1",
    "meters/$1",
    "a topic with spaces/zähler/😀",
    "a".repeat(65_535),
  ])("accepts %j", (topic) => {
    expect(check(topic)).toBe(topic);
  });

  test.each([
    ["meters/+", "wildcards"],
    ["meters/#", "wildcards"],
    ["+", "wildcards"],
    ["a+b", "wildcards"],
    ["$SYS/broker", "start with $"],
    ["$share/group/a", "start with $"],
    ["$", "start with $"],
    ["", "1 to 65535 bytes"],
    ["a".repeat(65_536), "1 to 65535 bytes"],
    ["é".repeat(32_768), "1 to 65535 bytes"],
    ["a\u0000", "control characters"],
    ["a\ud800", "lone surrogates"],
    ["a\uffff", "non-characters"],
    [undefined, "a string"],
    [["a"], "a string"],
  ])("refuses %j", (topic, required) => {
    expect(() => check(topic)).toThrow(expect.objectContaining({
      code: "INVALID_TOPIC",
      field: "topic",
      required: expect.stringContaining(required),
    }));
  });

  test("accepts nothing that a filter could be mistaken for", () => {
    const levels = fc.array(
      fc.string({ unit: fc.constantFrom("a", "+", "#", "$", "é") }),
    );
    fc.assert(fc.property(levels, (parts) => {
      const topic = parts.join("/");
      if (topic === "" || /^\$|[+#]/.test(topic)) {
        expect(() => check(topic)).toThrow(InputError);
      } else expect(check(topic)).toBe(topic);
    }));
  });
});
