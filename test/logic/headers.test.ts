import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkedHeaders } from "../../src/logic/headers.ts";

const check = (...sources: unknown[]) =>
  checkedHeaders({ action: "try", sources });
const many = (count: number, first = 0) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`h${first + at}`, "v"]),
  );

describe("checkedHeaders", () => {
  test("keeps every header that has a proper name and value", () => {
    const name = fc.stringMatching(/^[a-z0-9]{1,20}$/).filter((text) =>
      !["id", "source", "type", "time", "data", "subject"].includes(text)
    );
    const value = fc.string({ unit: "grapheme" }).filter((text) =>
      !/[\p{Cc}\p{Cs}\p{Cn}]/u.test(text)
    );
    const map = fc.dictionary(name, value, { maxKeys: 64 });
    fc.assert(fc.property(map, (headers) => {
      expect({ ...check(headers) }).toEqual({ ...headers });
    }));
  });

  test("merges, and the later source wins", () => {
    const merged = check({ a: "1", b: "1" }, undefined, { b: "2", c: "2" });
    expect({ ...merged }).toEqual({ a: "1", b: "2", c: "2" });
  });

  test("returns a map that reaches no prototype", () => {
    expect(Object.getPrototypeOf(check())).toBe(null);
    expect(Object.getPrototypeOf(check({ constructor1: "a" }))).toBe(null);
    expect("constructor" in check({})).toBe(false);
  });

  test("refuses __proto__ and leaves the prototype alone", () => {
    const hostile: unknown = JSON.parse('{"__proto__": "polluted"}');
    expect(() => check(hostile)).toThrow("a header name");
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test.each([
    "",
    "A",
    "trace-parent",
    "trace_parent",
    "a b",
    "ä",
    "a\r\nb",
    "a".repeat(21),
    "id",
    "time",
    "specversion",
    "datacontenttype",
    "data_base64",
    "partitionkey",
    "sequence",
    "position",
    "contentencoding",
  ])("refuses the name %j", (name) => {
    expect(() => check({ [name]: "v" })).toThrow(expect.objectContaining({
      code: "INVALID_HEADER",
      field: "a header name",
    }));
  });

  test.each([1, null, undefined, {}, "a\nb", "\ud800", "a".repeat(65_536)])(
    "refuses the value %j",
    (value) => {
      expect(() => check({ site: value })).toThrow(
        expect.objectContaining({
          code: "INVALID_HEADER",
          field: "header site",
        }),
      );
    },
  );

  test("takes pairs from whatever can be iterated", () => {
    const pairs: [string, string][] = [["a", "1"], ["b", "2"]];
    for (const source of [pairs, new Map(pairs), new Headers(pairs)]) {
      expect({ ...check(source) }).toEqual({ a: "1", b: "2" });
    }
    expect({ ...check([], pairs, [["a", "3"]]) }).toEqual({ a: "3", b: "2" });
  });

  test("refuses a name that repeats within one source, and says what to do", () => {
    expect(() => check([["a", "1"], ["b", "2"], ["a", "1"]])).toThrow(
      "Cannot try as header a must be given once: join its values, or give each a name of its own: current value is given again",
    );
  });

  test.each([
    ["a text", ["ab"]],
    ["one value", [["a"]]],
    ["three values", [["a", "b", "c"]]],
    ["a record", [{ a: "b" }]],
    ["null", [null]],
  ])("refuses %s in place of a pair", (_, source) => {
    expect(() => check(source)).toThrow("pairs of name and value");
  });

  test("refuses an iterator, which could be read once only", () => {
    const pairs: [string, string][] = [["a", "1"]];
    expect(() => check(pairs.values())).toThrow("readable more than once");
  });

  test("stops reading pairs at the limit, without end as they may be", () => {
    const endless = {
      *[Symbol.iterator]() {
        for (let at = 0;; at++) yield [`h${at}`, "v"];
      },
    };
    expect(() => check(endless)).toThrow("at most 64 headers");
  });

  test("accepts empty and very long values", () => {
    const headers = { empty: "", long: "a".repeat(65_535) };
    expect({ ...check(headers) }).toEqual(headers);
  });

  test.each([null, "a=b", 1, () => {}, new Date()])(
    "refuses %s in place of headers",
    (source) => {
      expect(() => check(source)).toThrow("a plain object of strings");
    },
  );

  test("refuses a getter that throws, with its error as the cause", () => {
    const cause = new Error("broken");
    const getter = {
      get a(): string {
        throw cause;
      },
    };
    const iterator = {
      [Symbol.iterator]() {
        throw cause;
      },
    };
    for (const source of [getter, iterator]) {
      expect(() => check(source)).toThrow(
        expect.objectContaining({ code: "INVALID_HEADER", cause }),
      );
    }
  });

  test("stops at 64 headers, however they come together", () => {
    expect(Object.keys(check(many(64)))).toHaveLength(64);
    expect(Object.keys(check(many(40), many(40, 24)))).toHaveLength(64);
    expect(() => check(many(65))).toThrow("current value is 65");
    expect(() => check(many(40), many(25, 40))).toThrow("at most 64 headers");
    expect(() => check(many(100_000))).toThrow("current value is 100000");
  });
});
