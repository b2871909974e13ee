/**
 * Made-up power cuts, and what the judge makes of them.
 */

import { describe, expect, test } from "vitest";
import { type Mark, readMarks } from "./mark.ts";
import { FRESH, type Recovery, type Sequenced } from "./recovery.ts";
import { LEVELS } from "./trial.ts";
import { judgeCut, UNUSABLE, type Violations } from "./verdict.ts";
import { WINDOW } from "./workload.ts";

const [FULL, NORMAL] = LEVELS as [typeof LEVELS[0], typeof LEVELS[0]];

/** The `n`th transaction: one reading of the key `k`, one message, sequence `n`. */
function message(n: number) {
  return { id: `m${n}`, key: "k", position: n, seq: n };
}

const intended = (n: number): Mark => ({
  type: "intended",
  tx: `t${n}`,
  messages: [{ id: `m${n}`, key: "k", position: n }],
});
const committed = (n: number): Mark => ({ type: "committed", tx: `t${n}` });
const received = (n: number): Mark => ({ type: "received", ...message(n) });
const row = (n: number) => ({ ...message(n), tx: `t${n}`, size: 1 });

/** Two transactions: the first arrived before the cut, the second did not. */
const marks = [
  intended(1),
  committed(1),
  received(1),
  intended(2),
  committed(2),
];
const fresh = { id: "fresh", key: "k", position: 3, seq: 3 };
const recovery: Recovery = {
  integrity: "ok",
  readings: [row(1), row(2)],
  fresh,
  received: [message(2), fresh],
  remaining: [],
};

function brokenBy(
  change: Partial<Recovery>,
  { before = marks, trial = FULL } = {},
): Partial<Violations> {
  const { violations } = judgeCut(before, { ...recovery, ...change }, trial);
  return Object.fromEntries(
    Object.entries(violations).filter(([, count]) => count > 0),
  );
}

describe("a power cut is innocent", () => {
  test("when everything is there and the rest arrives", () => {
    expect(brokenBy({})).toEqual({});
  });

  test("when one window arrives again", () => {
    const again = Array<Sequenced>(WINDOW).fill(message(2));
    expect(brokenBy({ received: [message(2), ...again, fresh] })).toEqual({});
  });

  test("when a commit that was not acknowledged is there, or is not", () => {
    const before = marks.slice(0, -1);
    expect(brokenBy({}, { before })).toEqual({});
    const gone = { readings: [row(1)], received: [fresh] };
    expect(brokenBy(gone, { before })).toEqual({});
  });

  test("with NORMAL when the newest are gone, rows and messages together", () => {
    const gone = { readings: [row(1)], received: [fresh] };
    expect(brokenBy(gone, { trial: NORMAL })).toEqual({});
    const { lostNewest } = judgeCut(marks, { ...recovery, ...gone }, NORMAL);
    expect(lostNewest).toBe(1);
  });
});

describe("a power cut is guilty", () => {
  test("with FULL of an acknowledged commit that is gone", () => {
    const gone = { readings: [row(1)], received: [fresh] };
    expect(brokenBy(gone)).toEqual({ undurable: 1 });
  });

  test("with NORMAL of a gap", () => {
    const gap = { readings: [row(2)] };
    const before = marks.filter(({ type }) => type !== "received");
    expect(brokenBy(gap, { before, trial: NORMAL })).toEqual({ gap: 1 });
  });

  test("of a message that arrived, and whose row is gone", () => {
    const before = [...marks, received(2)];
    const gone = { readings: [row(1)], received: [fresh] };
    expect(brokenBy(gone, { before, trial: NORMAL })).toEqual({ phantom: 1 });
  });

  test("of a message that is sent afterwards without its row", () => {
    expect(brokenBy({ readings: [row(1)] }, { trial: NORMAL })).toEqual({
      phantom: 1,
    });
  });

  test("of a transaction that was rolled back, and is there", () => {
    const before: Mark[] = [
      ...marks.slice(0, -1),
      { type: "rolledBack", tx: "t2" },
    ];
    expect(brokenBy({}, { before })).toEqual({ torn: 1, phantom: 1 });
  });

  test("of a row without its message", () => {
    expect(brokenBy({ received: [fresh] })).toEqual({ lost: 1, reordered: 1 });
  });

  test("of a transaction in pieces", () => {
    const pieces = { type: "intended", tx: "t2" } as const;
    const before: Mark[] = [
      ...marks.slice(0, 3),
      { ...pieces, messages: [message(2), { ...message(2), id: "m2b" }] },
      committed(2),
    ];
    expect(brokenBy({}, { before })).toMatchObject({ torn: 2 });
  });

  test("of messages that the relay leaves behind, or sends out of order", () => {
    expect(brokenBy({ received: [fresh], remaining: ["m2"] })).toMatchObject({
      undelivered: 1,
    });
    expect(brokenBy({ received: [fresh, message(2)] })).toEqual({
      reordered: 1,
    });
  });

  test("of more copies than one window", () => {
    const again = Array<Sequenced>(WINDOW + 1).fill(message(2));
    expect(brokenBy({ received: [message(2), ...again, fresh] })).toEqual({
      duplicates: 1,
    });
  });

  test("of a sequence that is used again, or goes back", () => {
    const again = { ...fresh, seq: 1 };
    expect(brokenBy({ fresh: again, received: [message(2), again] })).toEqual({
      reusedSeq: 2,
    });
  });

  test("of damage", () => {
    expect(brokenBy({ integrity: "row 3 missing" })).toEqual({ damaged: 1 });
    expect(UNUSABLE.damaged).toBe(1);
  });
});

test("a mark that was cut off was not seen", () => {
  const text = `${JSON.stringify(committed(1))}\n{"type":"comm`;
  expect(readMarks(text)).toEqual([committed(1)]);
  expect(readMarks("")).toEqual([]);
  expect(FRESH).not.toMatch(/^t\d/);
});
