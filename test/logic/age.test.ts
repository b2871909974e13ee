import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Ages, SLEW, STEP_MS } from "../../src/logic/age.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
const NOW_MS = Date.UTC(2026, 10, 26);

interface Sent {
  readonly seq: number;
  readonly enqueuedAtMs: number;
  /** When it was enqueued in truth, in monotonic ms. */
  readonly sinceMs: number;
}

/** A machine with two clocks, an outbox, and a relay that looks at both. */
class Machine {
  monotonicMs = 5_000;
  wallMs: number;
  readonly messages: Sent[] = [];
  #newestSeq = 0;
  #ages = new Ages();

  constructor(wallMs: number) {
    this.wallMs = wallMs;
  }

  pass(ms: number): this {
    this.monotonicMs += ms;
    this.wallMs += ms;
    return this;
  }

  jump(ms: number): this {
    this.wallMs += ms;
    return this;
  }

  /** Stamped now by the wall clock, or earlier by one that was another. */
  enqueue(enqueuedAtMs: number = this.wallMs): this {
    const seq = ++this.#newestSeq;
    this.messages.push({ seq, enqueuedAtMs, sinceMs: this.monotonicMs });
    return this;
  }

  deliver(): this {
    this.messages.shift();
    return this;
  }

  check(): this {
    this.#ages.check(this);
    return this;
  }

  /** What a relay does with every look at the outbox. */
  look(): this {
    this.check();
    this.#ages.saw({
      askedMs: this.monotonicMs,
      answeredMs: this.monotonicMs,
      newestSeq: this.#newestSeq,
      oldestSeq: this.messages[0]?.seq ?? null,
    });
    return this.check();
  }

  restart(): this {
    this.#ages = new Ages();
    return this.look();
  }

  get ages(): number[] {
    return this.messages.map((message) =>
      this.#ages.ageMs(message, this.monotonicMs)
    );
  }

  get trueAges(): number[] {
    return this.messages.map(({ sinceMs }) => this.monotonicMs - sinceMs);
  }
}

const started = (wallMs = NOW_MS) => new Machine(wallMs).look();

describe("while the wall clock goes as time does", () => {
  test("an age is what the wall clock says", () => {
    const machine = started().enqueue().pass(HOUR_MS).enqueue().pass(1).look();
    expect(machine.ages).toEqual([HOUR_MS + 1, 1]);
  });

  test("a message from before the relay has the age that the wall clock says at its start", () => {
    const machine = new Machine(NOW_MS).enqueue().pass(3 * DAY_MS);
    expect(machine.restart().ages).toEqual([3 * DAY_MS]);
  });

  test("slewing is no jump: the wall clock is followed", () => {
    const machine = started().enqueue().look();
    for (let hour = 0; hour < 100; hour++) {
      machine.pass(HOUR_MS).jump(HOUR_MS * SLEW).check();
    }
    expect(machine.ages[0]).toBeCloseTo(100 * HOUR_MS * (1 + SLEW), 3);
  });

  test("steps below a second do not add up", () => {
    const machine = started().enqueue().look();
    for (let at = 0; at < 1_000; at++) machine.pass(1).jump(900).look();
    expect(machine.ages[0]).toBeLessThan(1_000 + STEP_MS + 1);
  });
});

describe("a jump", () => {
  test.each([
    ["56 years ahead", 56 * YEAR_MS],
    ["a month ahead", 30 * DAY_MS],
    ["two weeks back", -14 * DAY_MS],
    ["to 1970", -NOW_MS],
  ])("%s changes no age of what was known", (_, ms) => {
    const machine = started().enqueue().pass(HOUR_MS).enqueue().look();
    machine.jump(ms).pass(1_000).look();
    expect(machine.ages).toEqual(machine.trueAges);
    machine.jump(-ms).pass(1_000).look();
    expect(machine.ages).toEqual(machine.trueAges);
  });

  test.each([56 * YEAR_MS, 30 * DAY_MS, -14 * DAY_MS, -NOW_MS])(
    "of %d ms makes nothing older that was enqueued about then",
    (ms) => {
      const machine = started().look().enqueue().jump(ms).enqueue();
      machine.pass(1_000).look().pass(HOUR_MS).look();
      expect(machine.ages).toEqual(machine.trueAges);
    },
  );

  test("does not reach what was stamped before it and committed half a minute later", () => {
    const machine = started();
    const stampedMs = machine.wallMs;
    machine.jump(30 * DAY_MS).pass(1).look().pass(30_000).look();
    machine.enqueue(stampedMs).pass(31_000).look();
    expect(machine.ages).toEqual([61_001]);
  });

  test("is past after a minute: what comes then is as old as the new clock says", () => {
    const machine = started().jump(30 * DAY_MS).pass(1).look();
    machine.pass(60_000).look().enqueue().pass(40 * DAY_MS).look();
    expect(machine.ages).toEqual([40 * DAY_MS]);
  });

  test("leaves real time to count", () => {
    const machine = started().enqueue().look().jump(-14 * DAY_MS);
    expect(machine.pass(3 * DAY_MS).look().ages).toEqual([3 * DAY_MS]);
  });
});

describe("a clock that was not set", () => {
  test("is set, and the messages keep their age", () => {
    const machine = started(0).enqueue().pass(HOUR_MS).look();
    machine.jump(NOW_MS).pass(HOUR_MS).look().enqueue();
    expect(machine.ages).toEqual([2 * HOUR_MS, 0]);
  });

  test("makes a message count from when the relay found it", () => {
    const machine = new Machine(HOUR_MS).enqueue().pass(DAY_MS).jump(NOW_MS);
    expect(machine.restart().ages).toEqual([0]);
    expect(machine.pass(HOUR_MS).look().ages).toEqual([HOUR_MS]);
  });

  test("says nothing about messages from before the relay: the next clock does", () => {
    const machine = new Machine(NOW_MS).enqueue().pass(DAY_MS);
    machine.jump(-machine.wallMs).restart().pass(1_000).look();
    expect(machine.ages).toEqual([0]);
    machine.jump(NOW_MS + DAY_MS).look();
    expect(machine.ages).toEqual([DAY_MS + 1_000]);
  });
});

/** A look of the relay, and what happened since the one before. */
const anyStep = fc.record({
  before: fc.nat(2),
  jumpMs: fc.oneof(
    { weight: 3, arbitrary: fc.constant(0) },
    fc.tuple(
      fc.constantFrom(2_500, HOUR_MS, 14 * DAY_MS, 30 * YEAR_MS, 56 * YEAR_MS),
      fc.constantFrom(1, -1),
    ).map(([ms, sign]) => ms * sign),
  ),
  after: fc.nat(2),
  ms: fc.integer({ min: 1, max: 100_000 }),
  delivered: fc.nat(2),
});

test("however the clock jumps, nothing is older than it is; and what was known before a jump, and came a minute after one, is as old as it is", () => {
  const property = fc.property(
    fc.constantFrom(0, NOW_MS),
    fc.array(anyStep, { maxLength: 40 }),
    (wallMs, steps) => {
      const machine = new Machine(wallMs).enqueue().pass(1).restart();
      const plain = new Set<Sent>(machine.messages);
      let jumps = 0;
      let jumpedMs = -Infinity;
      for (const { before, jumpMs, after, ms, delivered } of steps) {
        const isCalm = jumpMs === 0 &&
          machine.monotonicMs >= jumpedMs + 60_000;
        for (let left = before; left > 0; left--) {
          machine.enqueue();
          if (isCalm) plain.add(machine.messages.at(-1)!);
        }
        machine.jump(jumpMs);
        for (let left = after; left > 0; left--) machine.enqueue();
        machine.pass(ms).look();
        for (let left = delivered; left > 0; left--) machine.deliver();
        if (jumpMs !== 0) {
          jumps += 1;
          jumpedMs = machine.monotonicMs;
        }
        const { ages, trueAges, messages } = machine;
        messages.forEach((message, at) => {
          expect(ages[at]).toBeGreaterThanOrEqual(0);
          expect(ages[at]).toBeLessThanOrEqual(trueAges[at]!);
          if (!plain.has(message) || jumps > 7) return;
          expect(ages[at]).toBe(trueAges[at]);
        });
      }
    },
  );
  fc.assert(property, { numRuns: 2_000 });
});
