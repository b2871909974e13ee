import { expect, test } from "vitest";
import {
  type HistoryEntry,
  isFlawless,
  judgeHistory,
  type Verdict,
} from "../../src/testing/mod.ts";
import {
  committed,
  dead,
  expired,
  fault,
  intended,
  received,
  resolved,
} from "./made_up_history.ts";

const END: HistoryEntry = { type: "end" };

/** Three transactions that are committed, the second one in two keys. */
const WRITTEN = [
  ...committed("t1", "a1"),
  ...committed("t2", "b1", "a2"),
  ...committed("t3", "a3"),
];

const CLEAN: Verdict = {
  cut: false,
  committed: 4,
  delivered: 4,
  expired: 0,
  lost: 0,
  expiredEarly: 0,
  undelivered: 0,
  phantom: 0,
  premature: 0,
  torn: 0,
  reordered: 0,
  corrupt: 0,
  duplicates: 0,
  duplicatesAllowed: 0,
  duplicatesOverBound: 0,
};

test.each<[string, readonly HistoryEntry[], Partial<Verdict>]>([
  ["once and in order, whatever the order of the keys", [
    ...WRITTEN,
    ...received("b1", "a1", "a2", "a3"),
  ], {}],
  ["a copy that a fault explains, before its successor", [
    ...WRITTEN,
    fault(1),
    ...received("a1", "a2", "a2", "b1", "a3"),
  ], { duplicates: 1, duplicatesAllowed: 1 }],
  ["without a key, in any order", [
    ...committed("t1", "-1", "-2", "-3"),
    fault(1),
    ...received("-2", "-1", "-3", "-1"),
  ], { committed: 3, delivered: 3, duplicates: 1, duplicatesAllowed: 1 }],
  ["arrival before the writer has heard of its COMMIT", [
    intended("t1", "a1"),
    ...received("a1"),
    { type: "committed", tx: "t1" },
  ], { committed: 1, delivered: 1 }],
  ["rolled back, and never seen again", [
    ...WRITTEN,
    intended("t4", "a4"),
    { type: "rolledBack", tx: "t4" },
    ...received("a1", "b1", "a2", "a3"),
  ], {}],
  ["found to be rolled back, and never seen again", [
    ...WRITTEN,
    ...resolved("t4", false, "a4"),
    ...received("a1", "b1", "a2", "a3"),
  ], {}],
  ["found to be committed", [
    ...WRITTEN,
    ...resolved("t4", true, "a4"),
    ...received("a1", "b1", "a2", "a3", "a4"),
  ], { committed: 5, delivered: 5 }],
  ["a COMMIT without an answer, all of it found", [
    ...WRITTEN,
    intended("t4", "a4", "b2"),
    ...received("a1", "b1", "a2", "a3", "a4", "b2"),
  ], { committed: 6, delivered: 6 }],
  ["a COMMIT without an answer, nothing of it found", [
    ...WRITTEN,
    intended("t4", "a4", "b2"),
    ...received("a1", "b1", "a2", "a3"),
  ], {}],
  ["the same id once more after a COMMIT without an answer", [
    ...WRITTEN,
    ...resolved("t4", false, "a4"),
    ...committed("t5", "a4"),
    ...received("a1", "b1", "a2", "a3", "a4"),
  ], { committed: 5, delivered: 5 }],
  ["a dead message, its lane held", [
    ...WRITTEN,
    ...received("a1", "b1"),
    dead("a2", true),
    { type: "remaining", id: "a2" },
    { type: "discarded", id: "a3" },
  ], { delivered: 2 }],
  ["a dead message, retried in its place", [
    ...WRITTEN,
    ...received("a1", "b1"),
    dead("a2", true),
    { type: "retried", id: "a2" },
    ...received("a2", "a3"),
  ], {}],
  ["a dead message that gave up its place, and came later", [
    ...WRITTEN,
    ...received("a1", "b1", "a3"),
    dead("a2", false),
    { type: "retried", id: "a2" },
    ...received("a2"),
  ], {}],
  ["a dead message that was discarded, and then its successor", [
    ...WRITTEN,
    ...received("a1", "b1"),
    dead("a2", true),
    { type: "discarded", id: "a2" },
    ...received("a3"),
  ], { delivered: 3 }],
  ["discarded, and nobody told that it was dead", [
    ...WRITTEN,
    ...received("a1", "b1"),
    { type: "discarded", id: "a2" },
    ...received("a3"),
  ], { delivered: 3 }],
  ["expired, and then its successor", [
    ...WRITTEN,
    ...received("a1", "b1"),
    expired("a2"),
    ...received("a3"),
  ], { delivered: 3, expired: 1 }],
  ["expired after it had arrived, as nobody heard so", [
    ...WRITTEN,
    ...received("a1", "b1", "a2"),
    expired("a2"),
    ...received("a3"),
  ], {}],
  ["a dead message, retried too late", [
    ...WRITTEN,
    ...received("a1", "b1"),
    dead("a2", true),
    { type: "retried", id: "a2" },
    expired("a2"),
    ...received("a3"),
  ], { delivered: 3, expired: 1 }],
  ["discarded, and yet it came, from wherever it was", [
    ...WRITTEN,
    ...received("a1", "b1"),
    { type: "discarded", id: "a2" },
    ...received("a3", "a2"),
  ], {}],
  ["discarded after it had arrived", [
    ...WRITTEN,
    ...received("a1", "b1", "a2", "a3"),
    { type: "discarded", id: "a2" },
  ], {}],
  ["discarded in vain, and still there", [
    ...WRITTEN,
    ...received("a1", "b1", "a2"),
    { type: "discarded", id: "a3" },
    { type: "remaining", id: "a3" },
  ], { delivered: 3 }],
])("nothing is wrong with: %s", (_, history, counts) => {
  const verdict = judgeHistory([...history, END]);
  expect(verdict).toEqual({ ...CLEAN, ...counts });
  expect(isFlawless(verdict)).toBe(true);
});

test.each<[string, readonly HistoryEntry[], Partial<Verdict>]>([
  ["lost: the last of its key never arrived", [
    ...WRITTEN,
    ...received("a1", "b1", "a2"),
  ], { lost: 1, delivered: 3 }],
  ["lost, and passed: one in the middle never arrived", [
    ...WRITTEN,
    ...received("a1", "b1", "a3"),
  ], { lost: 1, delivered: 3, reordered: 1, torn: 1 }],
  ["lost: dead, retried, and never seen again", [
    ...WRITTEN,
    ...received("a1", "b1", "a2"),
    dead("a3", true),
    { type: "retried", id: "a3" },
  ], { lost: 1, delivered: 3 }],
  ["lost, but never torn: seen in the outbox, and never again", [
    ...committed("t1", "a1", "b1"),
    ...received("a1"),
    { type: "retried", id: "b1" },
  ], { lost: 1, committed: 2, delivered: 1 }],
  ["lost: committed, and gone after a power cut", [
    ...WRITTEN,
    { type: "resolved", tx: "t3", committed: false },
    ...received("a1", "b1", "a2"),
  ], { lost: 1, delivered: 3 }],
  ["undelivered: still in the outbox", [
    ...WRITTEN,
    ...received("a1", "b1", "a2"),
    { type: "remaining", id: "a3" },
  ], { undelivered: 1, delivered: 3 }],
  ["undelivered: delivered and never settled", [
    ...WRITTEN,
    ...received("a1", "b1", "a2", "a3"),
    { type: "remaining", id: "a3" },
  ], { undelivered: 1 }],
  ["phantom: nobody intended it", [
    ...WRITTEN,
    ...received("a1", "b1", "a2", "x1", "a3"),
  ], { phantom: 1 }],
  ["phantom: rolled back, and arrived", [
    ...WRITTEN,
    intended("t4", "a4", "b2"),
    { type: "rolledBack", tx: "t4" },
    ...received("a1", "b1", "a2", "a3"),
    { type: "received", id: "a4", key: "a", position: 9 },
  ], { phantom: 1 }],
  ["phantom: found not to be committed, and arrived", [
    ...WRITTEN,
    ...resolved("t4", false, "a4"),
    ...received("a1", "b1", "a4", "a2", "a3"),
  ], { phantom: 1 }],
  ["phantom: rolled back, and stored", [
    ...WRITTEN,
    intended("t4", "a4"),
    { type: "rolledBack", tx: "t4" },
    ...received("a1", "b1", "a2", "a3"),
    { type: "remaining", id: "a4" },
  ], { phantom: 1 }],
  ["premature: arrived before its COMMIT was asked for", [
    ...WRITTEN.slice(0, -2),
    ...received("a1", "b1", "a2", "a3"),
    ...WRITTEN.slice(-2),
  ], { premature: 1 }],
  ["premature, with whatever position: the one it has counts", [
    { type: "received", id: "a1", key: "a", position: 9 },
    ...WRITTEN,
    ...received("b1", "a2", "a3"),
  ], { premature: 1 }],
  ["torn: half of a COMMIT without an answer arrived", [
    ...WRITTEN,
    intended("t4", "a4", "b2"),
    ...received("a1", "b1", "a2", "a3", "a4"),
  ], { torn: 1, committed: 5, delivered: 5 }],
  ["torn: half of a COMMIT without an answer was stored", [
    ...WRITTEN,
    intended("t4", "a4", "b2"),
    ...received("a1", "b1", "a2", "a3"),
    dead("a4", true),
  ], { torn: 1, committed: 5 }],
  ["torn and lost: half of a transaction arrived", [
    ...WRITTEN,
    ...received("a1", "a2", "a3"),
  ], { torn: 1, lost: 1, delivered: 3 }],
  ["reordered: first deliveries changed places", [
    ...WRITTEN,
    ...received("b1", "a1", "a3", "a2"),
  ], { reordered: 1 }],
  ["reordered: the last one came first", [
    ...WRITTEN,
    ...received("b1", "a3", "a1", "a2"),
  ], { reordered: 2 }],
  ["reordered: a copy after its successor", [
    ...WRITTEN,
    fault(2),
    ...received("b1", "a1", "a2", "a3", "a2", "a3"),
  ], { reordered: 1, duplicates: 2, duplicatesAllowed: 2 }],
  ["reordered: a dead head that holds its lane was passed", [
    ...WRITTEN,
    ...received("a1", "b1"),
    dead("a2", true),
    ...received("a3"),
  ], { reordered: 1, delivered: 3 }],
  ["reordered: a dead head was passed, and discarded afterwards", [
    ...WRITTEN,
    ...received("a1", "b1"),
    dead("a2", true),
    ...received("a3"),
    { type: "discarded", id: "a2" },
  ], { reordered: 1, delivered: 3 }],
  ["reordered: a message was passed, and expired afterwards", [
    ...WRITTEN,
    ...received("a1", "b1", "a3"),
    expired("a2"),
  ], { reordered: 1, delivered: 3, expired: 1 }],
  ["expired before its time", [
    ...WRITTEN,
    ...received("a1", "b1"),
    { type: "expired", id: "a2", ageMs: 9, ttlMs: 10 },
    ...received("a3"),
  ], { expiredEarly: 1, delivered: 3, expired: 1 }],
  ["phantom: expired, though rolled back", [
    ...WRITTEN,
    intended("t4", "a4"),
    { type: "rolledBack", tx: "t4" },
    ...received("a1", "b1", "a2", "a3"),
    expired("a4"),
  ], { phantom: 1 }],
  ["reordered: what waits in the outbox was passed", [
    ...WRITTEN,
    ...received("a1", "b1", "a3"),
    { type: "remaining", id: "a2" },
  ], { reordered: 1, undelivered: 1, delivered: 3 }],
  ["corrupt: arrived with another key", [
    ...WRITTEN,
    ...received("a1", "b1", "a2"),
    { type: "received", id: "a3", key: "b", position: 3 },
  ], { corrupt: 1 }],
  ["corrupt: arrived with another position", [
    ...WRITTEN,
    ...received("a1", "b1", "a2"),
    { type: "received", id: "a3", key: "a", position: 4 },
  ], { corrupt: 1 }],
  ["more copies than the faults explain", [
    ...WRITTEN,
    fault(0),
    fault(1),
    ...received("a1", "a1", "a1", "b1", "b1", "a2", "a3"),
  ], { duplicates: 3, duplicatesAllowed: 1, duplicatesOverBound: 2 }],
])("%s", (_, history, counts) => {
  const verdict = judgeHistory([...history, END]);
  expect(verdict).toEqual({ ...CLEAN, ...counts });
  expect(isFlawless(verdict)).toBe(false);
});

test("a history that is cut says so, and misses nothing of what was to come", () => {
  const verdict = judgeHistory([...WRITTEN, ...received("a1", "b1")]);
  expect(verdict).toEqual({ ...CLEAN, cut: true, delivered: 2 });
  expect(isFlawless(verdict)).toBe(true);
});

test("a history that is cut is judged as far as it goes", () => {
  expect(judgeHistory([...WRITTEN, ...received("a2", "x1")]))
    .toEqual({ ...CLEAN, cut: true, delivered: 1, phantom: 1, reordered: 1 });
});
