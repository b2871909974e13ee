import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError } from "../../src/errors.ts";
import { jsonText } from "../../src/logic/json.ts";

const tooLong = new InputError("PAYLOAD_TOO_LARGE", {
  action: "try",
  field: "payload",
  required: "shorter",
  found: "longer",
});
const write = (value: unknown, maxChars = 2 ** 22) =>
  jsonText({ action: "try", value, maxChars, overflow: () => tooLong });
const refusalOf = (value: unknown, maxChars?: number): InputError => {
  try {
    write(value, maxChars);
  } catch (error) {
    if (error instanceof InputError) return error;
  }
  return expect.fail("it was written");
};
const nested = (levels: number): unknown => {
  let value: unknown[] = [];
  for (let level = 1; level < levels; level += 1) value = [value];
  return value;
};

/** The one JSON value that JSON.stringify does not keep. */
function withoutNegativeZero(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNegativeZero);
  if (typeof value !== "object" || value === null) {
    return value === 0 ? 0 : value;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, withoutNegativeZero(one)]),
  );
}

describe("what is written", () => {
  test("reads back as what it was, for any JSON value", () => {
    fc.assert(fc.property(fc.jsonValue({ stringUnit: "binary" }), (value) => {
      const text = write(value);
      expect(text).toBe(JSON.stringify(value));
      expect(JSON.parse(text)).toEqual(withoutNegativeZero(value));
    }));
  });

  test("is what JSON.stringify writes, or nothing, for any value at all", () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      stringUnit: "binary",
    });
    fc.assert(
      fc.property(anything, (value) => {
        let text: string;
        try {
          text = write(value);
        } catch (error) {
          expect(error).toMatchObject({ code: "INVALID_PAYLOAD" });
          return;
        }
        expect(text).toBe(JSON.stringify(value));
      }),
      { numRuns: 1_000 },
    );
  });

  class Reading {
    readonly kwh = 4.2;
  }
  const shared = { a: 1 };

  test.each([
    ["NUL in a string", "a\u0000b", '"a\\u0000b"'],
    ["quotes and backslashes", '"\\', '"\\"\\\\"'],
    ["emoji", "😀", '"😀"'],
    ["a date", new Date(0), '"1970-01-01T00:00:00.000Z"'],
    ["a URL", new URL("mqtt://a/"), '"mqtt://a/"'],
    ["a toJSON", { toJSON: () => ({ b: 1 }) }, '{"b":1}'],
    ["an undefined property", { a: undefined, b: 1 }, '{"b":1}'],
    ["a toJSON of undefined", { a: { toJSON() {} }, b: 1 }, '{"b":1}'],
    ["a symbol key", { [Symbol("a")]: 1, b: 2 }, '{"b":2}'],
    ["a class instance", new Reading(), '{"kwh":4.2}'],
    ["no prototype", Object.assign(Object.create(null), shared), '{"a":1}'],
    ["another realm", runInNewContext("({ a: [1] })"), '{"a":[1]}'],
    ["a reference twice", [shared, shared], '[{"a":1},{"a":1}]'],
    ["a field named toJSON", { toJSON: "no" }, '{"toJSON":"no"}'],
    ["an own __proto__", JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
    ["100 levels", nested(100), "[".repeat(100) + "]".repeat(100)],
  ])("keeps %s", (_, value, text) => {
    expect(write(value)).toBe(text);
  });

  test("gives toJSON the name of its place", () => {
    const named = { toJSON: (key: string) => key };
    expect(write({ a: named, b: [named] })).toBe('{"a":"a","b":["0"]}');
    expect(write(named)).toBe('""');
  });

  test("reads each property once", () => {
    let reads = 0;
    const value = {
      get a() {
        reads += 1;
        return reads === 1 ? 1 : NaN;
      },
    };
    expect(write(value)).toBe('{"a":1}');
    expect(reads).toBe(1);
  });
});

describe("what is refused", () => {
  test.each([
    [undefined, "undefined"],
    [10n, "a bigint"],
    [NaN, "NaN"],
    [Infinity, "Infinity"],
    [-Infinity, "-Infinity"],
    [() => 1, "a function"],
    [Symbol("a"), "a symbol"],
    [new Map([[1, 2]]), "a Map"],
    [new Set([1]), "a Set"],
    [new WeakMap(), "a WeakMap"],
    [new ArrayBuffer(1), "an ArrayBuffer"],
    [new Uint8Array(1), "a Uint8Array"],
    [Buffer.from("a"), "a Uint8Array"],
    [new Float64Array(1), "a Float64Array"],
    [new DataView(new ArrayBuffer(1)), "a DataView"],
    [new Error("a"), "an Error"],
    [/a/, "a RegExp"],
    [Promise.resolve(), "a Promise"],
    [new Headers(), "a Headers"],
    [Object(1), "a Number"],
    [runInNewContext("new Map()"), "a Map"],
    [new Date(NaN), "an invalid date"],
    ["\ud800", "a lone surrogate at index 0"],
    ["a\udc00", "a lone surrogate at index 1"],
  ])("refuses %s, and names the place", (value, found) => {
    const code = "INVALID_PAYLOAD";
    expect(refusalOf(value)).toMatchObject({ code, field: "payload", found });
    expect(refusalOf([0, value])).toMatchObject({
      code,
      field: "payload[1]",
      found,
    });
    if (value === undefined) return;
    expect(refusalOf({ a: [{ "b c": value }] })).toMatchObject({
      code,
      field: 'payload.a[0]["b c"]',
      found,
    });
  });

  test("names the place also behind others", () => {
    const value = { a: [1, { b: 2 }, [3]], c: [{ d: 4 }, NaN] };
    expect(refusalOf(value).field).toBe("payload.c[1]");
  });

  test("refuses holes in an array", () => {
    expect(refusalOf(new Array(2 ** 32 - 1)).field).toBe("payload[0]");
  });

  test("refuses a lone surrogate in a property name", () => {
    expect(refusalOf({ a: { "\ud800": 1 } })).toMatchObject({
      field: 'payload.a["U+D800"]',
      found: "a lone surrogate at index 0",
    });
  });

  test("refuses what is deeper than 100 levels, down to a crashing depth", () => {
    expect(refusalOf(nested(101))).toMatchObject({
      required: "at most 100 levels deep",
      found: "deeper",
    });
    expect(refusalOf(nested(20_000)).required).toContain("100 levels");
  });

  test("refuses cycles, and shows both ends", () => {
    const root: Record<string, unknown> = { a: 1 };
    root["b"] = { c: [1, root] };
    expect(refusalOf(root)).toMatchObject({
      field: "payload.b.c[1]",
      required: "free of cycles",
      found: "a reference to payload",
    });
    const self: unknown[] = [];
    self.push(self);
    expect(refusalOf({ list: self })).toMatchObject({
      field: "payload.list[0]",
      found: "a reference to payload.list",
    });
  });

  test("knows a cycle also when its text grows too long first", () => {
    const big: Record<string, unknown> = { text: "x".repeat(1_000) };
    big["self"] = big;
    expect(refusalOf(big, 3_000).required).toBe("free of cycles");
  });

  test.each([
    ["getter", {
      get b() {
        throw new Error("broken");
      },
    }],
    ["toJSON", {
      b: {
        toJSON() {
          throw new Error("broken");
        },
      },
    }],
  ])("refuses a %s that throws, with its error as the cause", (_, value) => {
    expect(refusalOf({ a: value })).toMatchObject({
      code: "INVALID_PAYLOAD",
      field: "payload.a.b",
      cause: expect.objectContaining({ message: "broken" }),
    });
  });

  test("shows no data", () => {
    const value = { note: "hunter2", list: ["hunter2", 5n] };
    expect(refusalOf(value).message).not.toContain("hunter2");
  });
});

describe("limits", () => {
  const mebibyte = 2 ** 20;

  test("gives up when the text grows over the limit", () => {
    expect(write("a".repeat(98), 100)).toHaveLength(100);
    for (
      const value of [
        "a".repeat(99),
        "a".repeat(mebibyte),
        { ["k".repeat(101)]: 1 },
        new Array(101).fill(1),
        new Array(51).fill([]),
      ]
    ) expect(refusalOf(value, 100)).toBe(tooLong);
    // Escaped, this is longer than any string can be.
    expect(refusalOf("\u0001".repeat(100_000_000))).toBe(tooLong);
  });

  test("survives references that double at every level", () => {
    let bomb: unknown = "x";
    for (let level = 0; level < 90; level += 1) bomb = [bomb, bomb];
    expect(refusalOf(bomb, mebibyte)).toBe(tooLong);
  });

  const deep: unknown[] = [];
  let innermost = deep;
  for (let level = 0; level < 97; level += 1) {
    const next: unknown[] = [];
    innermost.push(next);
    innermost = next;
  }
  for (let at = 0; at < mebibyte / 3; at += 1) innermost.push([]);

  test.each<[string, unknown]>([
    ["numbers", new Array(mebibyte / 2).fill(1)],
    ["empty arrays", Array.from({ length: mebibyte / 3 }, () => [])],
    ["empty objects", Array.from({ length: mebibyte / 3 }, () => ({}))],
    ["arrays at the bottom", deep],
    ["quotes", '"'.repeat(mebibyte / 2)],
    ["control characters", "\u0001".repeat(mebibyte / 6)],
    ["emoji", "😀".repeat(mebibyte / 4)],
    ["a surrogate at the end", "é".repeat(mebibyte / 2) + "\ud800"],
  ])("takes linear time for a mebibyte of %s", (_, value) => {
    const times = [1, 2, 3].map(() => {
      // Time on the processor: what others do to the machine is no part of it.
      const start = process.cpuUsage();
      try {
        write(value);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
      const { user, system } = process.cpuUsage(start);
      return (user + system) / 1_000;
    });
    // About 35 ms on a slow machine; quadratic code takes minutes.
    expect(Math.min(...times)).toBeLessThan(250);
  });
});
