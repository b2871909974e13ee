import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { isThenable, kindOf } from "../../src/logic/kind.ts";

describe("kindOf", () => {
  test.each([
    [undefined, "undefined"],
    [null, "null"],
    [NaN, "NaN"],
    [-Infinity, "-Infinity"],
    [42, "a number"],
    [42n, "a bigint"],
    ["secret", "a string"],
    [true, "a boolean"],
    [Symbol("secret"), "a symbol"],
    [() => {}, "a function"],
    [{ secret: 1 }, "an object"],
    [Object.create(null), "an object"],
    [[1], "an array"],
    [new Map(), "a Map"],
    [new Set(), "a Set"],
    [new Error("secret"), "an Error"],
    [new Uint8Array(), "a Uint8Array"],
    [Buffer.from("secret"), "a Uint8Array"],
    [new ArrayBuffer(1), "an ArrayBuffer"],
    [Promise.resolve(), "a Promise"],
    [runInNewContext("new Map()"), "a Map"],
    [{ [Symbol.toStringTag]: "se\ncret" }, "an object"],
    [{ [Symbol.toStringTag]: "x".repeat(50) }, "an object"],
  ])("names the kind without the value", (value, kind) => {
    expect(kindOf(value)).toBe(kind);
  });
});

describe("isThenable", () => {
  test("knows what await would wait for", () => {
    expect(isThenable(Promise.resolve())).toBe(true);
    expect(isThenable({ then: () => {} })).toBe(true);
    expect(isThenable({ then: "later" })).toBe(false);
    expect(isThenable(null)).toBe(false);
    expect(isThenable("then")).toBe(false);
  });
});
