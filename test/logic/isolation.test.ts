import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Advice } from "../../src/advice.ts";
import { Isolation } from "../../src/logic/isolation.ts";

const failure = (advice: Advice) => ({ code: "X", reason: "Why", advice });

describe("isolation", () => {
  it("suspects all that were under way, and lets go whoever is answered for", () => {
    const isolation = new Isolation(120_000);
    isolation.ended(failure("suspect"), [1, 2, 3]);
    isolation.answered(2);
    expect([1, 2, 3, 4].filter((seq) => isolation.isSuspect(seq)))
      .toEqual([1, 3]);
    expect(isolation.sentenceOn(1)).toBeNull();
  });

  it("remembers no more suspects than fit a window", () => {
    const isolation = new Isolation(120_000);
    const many = Array.from({ length: 65_536 }, (_, at) => at + 1);
    isolation.ended(failure("suspect"), many);
    expect(isolation.isSuspect(1)).toBe(false);
    expect(isolation.isSuspect(65_536)).toBe(true);
  });

  it("condemns whoever the broker blames twice, alone", () => {
    const isolation = new Isolation(120_000);
    isolation.ended(failure("suspect"), [1, 2]);
    isolation.ended(failure("suspect"), [1]);
    expect(isolation.sentenceOn(1)).toBeNull();
    isolation.ended(failure("suspect"), [1]);
    expect(isolation.sentenceOn(1)).toMatchObject({
      kind: "dead",
      failure: { code: "X" },
    });
    expect(isolation.isSuspect(1)).toBe(false);
    expect(isolation.isSuspect(2)).toBe(true);
  });

  it("forgets whoever goes without being sent", () => {
    const isolation = new Isolation(120_000);
    isolation.ended(failure("suspect"), [1, 2]);
    isolation.ended(failure("silent"), [3]);
    for (const seq of [1, 3]) isolation.forget(seq);
    isolation.ended(failure("silent"), [3]);
    expect([1, 2, 3].filter((seq) => isolation.isSuspect(seq))).toEqual([2]);
  });

  it("takes an ordinary loss for no evidence", () => {
    const isolation = new Isolation(120_000);
    for (const advice of ["soon", "at-once", "slow", "limit"] as const) {
      isolation.ended(failure(advice), [1]);
      isolation.ended(failure(advice), [1]);
    }
    expect(isolation.isSuspect(1)).toBe(false);
  });

  it("suspects after silence only what was under way both times", () => {
    const isolation = new Isolation(120_000);
    isolation.ended(failure("silent"), [1, 2]);
    expect(isolation.isSuspect(1)).toBe(false);
    isolation.ended(failure("silent"), [2, 3]);
    expect([1, 2, 3].filter((seq) => isolation.isSuspect(seq))).toEqual([2]);
  });

  it("forgets of silence what the broker has answered for, and nothing else", () => {
    const isolation = new Isolation(120_000);
    isolation.ended(failure("silent"), [1, 2]);
    isolation.answered(2);
    // Another end, by another culprit, in between.
    isolation.ended(failure("silent"), [3]);
    isolation.ended(failure("silent"), [1, 2]);
    expect([1, 2, 3].filter((seq) => isolation.isSuspect(seq))).toEqual([1]);
  });

  it("makes a silent suspect wait longer each time, and never condemns it without witnesses", () => {
    const isolation = new Isolation(10_000);
    isolation.ended(failure("silent"), [1]);
    isolation.ended(failure("silent"), [1]);
    const waits: number[] = [];
    for (let n = 0; n < 6; n++) {
      isolation.ended(failure("silent"), [1]);
      const sentence = isolation.sentenceOn(1);
      expect(sentence?.kind).toBe("deferred");
      if (sentence?.kind === "deferred") waits.push(sentence.afterMs);
      expect(isolation.sentenceOn(1)).toBeNull();
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  it("condemns a silent suspect the third time, if others came through meanwhile", () => {
    const isolation = new Isolation(10_000);
    isolation.ended(failure("silent"), [1, 2]);
    isolation.ended(failure("silent"), [1, 2]);
    const kinds: (string | undefined)[] = [];
    for (let n = 0; n < 3; n++) {
      isolation.ended(failure("silent"), [1]);
      kinds.push(isolation.sentenceOn(1)?.kind);
      if (n === 0) isolation.answered(7);
    }
    expect(kinds).toEqual(["deferred", "deferred", "dead"]);
  });

  it("condemns nobody as long as nobody is answered for and nobody is blamed", () => {
    fc.assert(fc.property(
      fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 5 }))),
      (ends) => {
        const isolation = new Isolation(10_000);
        for (const underway of ends) {
          isolation.ended(failure("silent"), underway);
          for (let seq = 1; seq <= 5; seq++) {
            expect(isolation.sentenceOn(seq)?.kind).not.toBe("dead");
          }
        }
      },
    ));
  });
});
