import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { pathText } from "../../src/logic/path.ts";

describe("pathText", () => {
  test.each([
    [[], "payload"],
    [["a"], "payload.a"],
    [["a", 3, "b"], "payload.a[3].b"],
    [["room temperature"], 'payload["room temperature"]'],
    [["0"], 'payload["0"]'],
    [[""], 'payload[""]'],
    [["a\nb\u009b"], 'payload["aU+000AbU+009B"]'],
    [["k".repeat(100)], `payload["${"k".repeat(39)}…"]`],
    [[Symbol("s")], 'payload["Symbol(s)"]'],
  ])("writes %j", (keys, text) => {
    expect(pathText(keys)).toBe(text);
  });

  test("ends early when there are many", () => {
    const text = pathText(new Array(100).fill("room"));
    expect(text).toHaveLength(160);
    expect(text).toMatch(/^payload\.room\..*…$/);
  });

  test("stays on one line, short and printable, whatever the names", () => {
    const key = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.nat(),
    );
    fc.assert(fc.property(fc.array(key, { maxLength: 50 }), (keys) => {
      const text = pathText(keys);
      expect(text.length).toBeLessThanOrEqual(160);
      expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
    }));
  });
});
