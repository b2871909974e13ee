import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Advice } from "../../src/advice.ts";
import { Isolation, type Sentence } from "../../src/logic/isolation.ts";

const failure = (advice: Advice) => ({ code: "X", reason: "Why", advice });

/** An isolation in which these were under way at two silent ends. */
function suspects(seqs: readonly number[]): Isolation {
  const isolation = new Isolation(120_000);
  for (let n = 0; n < 2; n++) isolation.ended(failure("silent"), seqs);
  return isolation;
}

/** A silent end at which one was alone; returns what it has coming. */
function accuse(isolation: Isolation, seq: number): Sentence | null {
  isolation.ended(failure("silent"), [seq]);
  return isolation.sentenceOn(seq);
}

/** So many others come through. */
function pass(isolation: Isolation, count: number): void {
  for (let n = 0; n < count; n++) isolation.answered(1_000 + n, true);
}

/** What a suspect has coming that is accused three times. */
function convicted(
  { before = 0, between = 0, othersEnd = false }: {
    readonly before?: number;
    readonly between?: number;
    readonly othersEnd?: boolean;
  },
): (string | undefined)[] {
  const isolation = suspects([1, 2]);
  pass(isolation, before);
  return [0, 1, 2].map((nth) => {
    if (nth === 1) pass(isolation, between);
    if (nth === 1 && othersEnd) isolation.ended(failure("silent"), [9]);
    return accuse(isolation, 1)?.kind;
  });
}

describe("isolation", () => {
  it("suspects all that were under way, and lets go whoever is answered for", () => {
    const isolation = new Isolation(120_000);
    isolation.ended(failure("suspect"), [1, 2, 3]);
    isolation.answered(2, true);
    expect([1, 2, 3, 4].filter((seq) => isolation.isSuspect(seq)))
      .toEqual([1, 3]);
    expect(isolation.sentenceOn(1)).toBeNull();
  });

  it("knows of accusations from before the lease was lost", () => {
    const isolation = new Isolation(120_000);
    isolation.ended(failure("suspect"), [1]);
    isolation.sent(1);
    isolation.abandon();
    expect([isolation.isOn, isolation.isSuspect(1)]).toEqual([false, true]);
    isolation.ended(failure("suspect"), [1]);
    expect(isolation.sentenceOn(1)?.kind).toBe("dead");
  });

  it("condemns nobody under a lease for what was proven under another", () => {
    const isolation = new Isolation(120_000);
    for (let n = 0; n < 2; n++) isolation.ended(failure("suspect"), [1]);
    isolation.abandon();
    expect(isolation.sentenceOn(1)).toBeNull();
    isolation.ended(failure("suspect"), [1]);
    expect(isolation.sentenceOn(1)?.kind).toBe("dead");
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
    isolation.answered(2, true);
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
      expect(sentence?.kind).toBe("waits");
      if (sentence?.kind === "waits") waits.push(sentence.afterMs);
      expect(isolation.sentenceOn(1)).toBeNull();
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  it("condemns a silent suspect the third time, if many others came through meanwhile", () => {
    expect(convicted({ before: 48 })).toEqual(["waits", "waits", "dead"]);
    expect(convicted({ between: 48 })).toEqual([
      "waits",
      "waits",
      "dead",
    ]);
    expect(convicted({ before: 47 })).not.toContain("dead");
  });

  it("condemns nobody by silence where since the first accusation others fail as well, and nobody comes through", () => {
    expect(convicted({ before: 100, othersEnd: true })).not.toContain("dead");
    expect(convicted({ before: 100, othersEnd: true, between: 1 }))
      .toContain("dead");
  });

  it("takes no end for evidence that turned out to be the network's", () => {
    const isolation = suspects([1, 2]);
    pass(isolation, 100);
    accuse(isolation, 1);
    accuse(isolation, 1);
    // All that were under way at another end come through.
    isolation.ended(failure("silent"), [7, 8]);
    isolation.answered(7, true);
    isolation.answered(8, true);
    // What it waited for was too close to that end: the next counts for nothing.
    expect(accuse(isolation, 1)?.kind).toBe("waits");
    expect(accuse(isolation, 1)?.kind).toBe("waits");
    expect(accuse(isolation, 1)?.kind).toBe("waits");
    pass(isolation, 100);
    expect(accuse(isolation, 1)?.kind).toBe("dead");
  });

  it("takes no end for the network's at which somebody was under way who expired since", () => {
    const isolation = suspects([1, 2]);
    pass(isolation, 100);
    accuse(isolation, 1);
    accuse(isolation, 1);
    isolation.ended(failure("silent"), [7, 8]);
    isolation.forget(7);
    isolation.answered(8, true);
    expect(accuse(isolation, 1)?.kind).toBe("dead");
  });

  it("lets whoever is never proven guilty on a bad network start over later and later", () => {
    const isolation = suspects([1, 2]);
    const waits: number[] = [];
    for (let n = 0; n < 9; n++) {
      for (let end = n === 0 ? 1 : 0; end < 2; end++) {
        const sentence = accuse(isolation, 1);
        if (sentence?.kind === "waits") waits.push(sentence.afterMs);
      }
      // Twice: only the first has something to void.
      for (const seq of [100 + n, 200 + n]) {
        isolation.ended(failure("silent"), [seq]);
        isolation.answered(seq, true);
      }
    }
    const seconds = [2, 4, 8, 16, 32, 64, 120, 120].flatMap((s) => [s, 1]);
    expect(waits).toEqual([1, ...seconds].map((s) => s * 1_000));
  });

  it("lets whoever cannot be proven guilty yet wait while others come through", () => {
    const isolation = suspects([1, 2]);
    expect(accuse(isolation, 1)).toMatchObject({ afterMs: 1_000 });
    pass(isolation, 1);
    expect(isolation.sentenceOn(1)).toMatchObject({ afterMs: 1_000 });
    expect(isolation.sentenceOn(1)).toBeNull();
    pass(isolation, 48);
    expect(isolation.sentenceOn(1)).toBeNull();
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
