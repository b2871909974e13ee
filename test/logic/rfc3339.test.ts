import fc from "fast-check";
import { expect, test } from "vitest";
import { rfc3339 } from "../../src/logic/rfc3339.ts";

const first = Date.parse("0000-01-01T00:00:00.000Z");
const last = Date.parse("9999-12-31T23:59:59.999Z");

test("every instant with a year of four digits is written as the platform does", () => {
  fc.assert(fc.property(fc.integer({ min: first, max: last }), (atMs) => {
    expect(rfc3339(atMs)).toBe(new Date(atMs).toISOString());
  }));
});

test.each([
  ["the epoch", "1970-01-01T00:00:00.000Z"],
  ["the millisecond before it", "1969-12-31T23:59:59.999Z"],
  ["a leap day", "2024-02-29T12:00:00.000Z"],
  ["the leap day of a century", "2000-02-29T23:59:59.999Z"],
  ["the day after February of a common century", "1900-03-01T00:00:00.000Z"],
  ["the end of a leap year", "2024-12-31T23:59:59.999Z"],
  ["the first instant", "0000-01-01T00:00:00.000Z"],
  ["the last instant", "9999-12-31T23:59:59.999Z"],
])("%s is written", (_, text) => {
  expect(rfc3339(Date.parse(text))).toBe(text);
});

test("a part of a millisecond is left out", () => {
  expect(rfc3339(1.9)).toBe("1970-01-01T00:00:00.001Z");
});

test.each([first - 1, last + 1, NaN, Infinity, -Infinity, 2 ** 60])(
  "what a broken clock gives is not written: %s",
  (atMs) => {
    expect(rfc3339(atMs)).toBeNull();
  },
);
