import fc from "fast-check";
import { expect, test } from "vitest";
import { compare, isKept } from "../../examples/gateway/verdict.ts";

/** `a1` is reading 1 of device a. */
const refs = (text: string) =>
  text.split(" ").filter(Boolean).map((name) => ({
    device: name[0]!,
    reading: Number(name.slice(1)),
  }));

const clean = { lost: 0, phantom: 0, reordered: 0, duplicates: 0 };

test.each([
  ["all arrived", "a1 a2 b1", "a1 b1 a2", {}],
  ["a reading is missing", "a1 a2 a3", "a1 a3", { lost: 1 }],
  ["nothing arrived", "a1 b1", "", { lost: 2 }],
  ["a withdrawn reading arrived", "a1 a3", "a1 a2 a3", { phantom: 1 }],
  ["a withdrawn reading arrived twice", "a1", "a1 a2 a2", {
    phantom: 1,
    duplicates: 1,
  }],
  ["two swapped places", "a1 a2", "a2 a1", { reordered: 1 }],
  ["other devices do not matter", "a1 a2 b1 b2", "b1 b2 a1 a2", {}],
  ["sent again at once: 1 2 3 3 4", "a1 a2 a3 a4", "a1 a2 a3 a3 a4", {
    duplicates: 1,
  }],
  ["sent again after its successor: 1 2 3 2 3", "a1 a2 a3", "a1 a2 a3 a2 a3", {
    duplicates: 2,
    reordered: 1,
  }],
  ["a whole window again: 1 2 3 1 2", "a1 a2 a3", "a1 a2 a3 a1 a2", {
    duplicates: 2,
    reordered: 2,
  }],
])("%s", (_, history, receipts, expected) => {
  const findings = compare(refs(history), refs(receipts));
  expect(findings).toMatchObject({ ...clean, ...expected });
  expect(findings.committed).toBe(refs(history).length);
  expect(findings.delivered).toBe(findings.committed - findings.lost);
});

test("the promise is kept whatever the copies, and by nothing lost, made up or reordered", () => {
  const findings = { ...clean, committed: 9, delivered: 9 };
  expect(isKept({ ...findings, duplicates: 5 })).toBe(true);
  expect(isKept({ ...findings, lost: 1 })).toBe(false);
  expect(isKept({ ...findings, phantom: 1 })).toBe(false);
  expect(isKept({ ...findings, reordered: 1 })).toBe(false);
});

test("any interleaving of devices with any immediate repeats keeps the promise", () => {
  const stream = fc.array(
    fc.record({
      device: fc.constantFrom("a", "b", "c"),
      copies: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 60 },
  );
  fc.assert(fc.property(stream, (steps) => {
    const counts = new Map<string, number>();
    const history = steps.map(({ device }) => {
      const reading = (counts.get(device) ?? 0) + 1;
      counts.set(device, reading);
      return { device, reading };
    });
    const receipts = history.flatMap((ref, at) =>
      Array.from({ length: steps[at]!.copies }, () => ref)
    );
    const findings = compare(history, receipts);
    expect(isKept(findings)).toBe(true);
    expect(findings.duplicates).toBe(receipts.length - history.length);
  }));
});
