/**
 * Isolation on a network that ends connections at random, as a model: no
 * innocent message is condemned, and a culprit is found all the same.
 */

import { createSeededRandom } from "@mailboat/outbox/testing";
import { describe, expect, test } from "vitest";
import { Isolation } from "../../src/logic/isolation.ts";

const WINDOW = 32;
/** Messages that are enqueued while the relay sends once. */
const ARRIVALS = 8;
const FAILURE = { code: "CONNECTION_LOST", reason: "", advice: "silent" };

interface Network {
  readonly seed: number;
  readonly messages: number;
  /** The chance that a message ends its connection. */
  readonly chance: number;
  readonly culprits?: ReadonlySet<number>;
}

interface Result {
  readonly dead: ReadonlySet<number>;
  /** Ends of connections. */
  readonly ends: number;
  /** Messages that are still waiting after all the time there was. */
  readonly left: number;
}

/** Sends until nothing is left, each message a lane of its own. */
function send({ seed, messages, chance, culprits }: Network): Result {
  const random = createSeededRandom(seed);
  const isolation = new Isolation(120_000);
  const dead = new Set<number>();
  let ready: number[] = [];
  let enqueued = 0;
  let waiting: { readonly seq: number; readonly untilMs: number }[] = [];
  let ends = 0;
  let nowMs = 0;
  for (let round = 0; round < messages * 20; round++) {
    nowMs += 10;
    for (let n = 0; n < ARRIVALS && enqueued < messages; n++) {
      ready.push(enqueued += 1);
    }
    const due = waiting.filter(({ untilMs }) => untilMs <= nowMs);
    waiting = waiting.filter(({ untilMs }) => untilMs > nowMs);
    ready = [...ready, ...due.map(({ seq }) => seq)];
    const [first] = ready;
    if (first === undefined) {
      if (waiting.length === 0) break;
      nowMs = Math.min(...waiting.map(({ untilMs }) => untilMs));
      continue;
    }
    const sentence = isolation.sentenceOn(first);
    if (sentence !== null) {
      ready.shift();
      if (sentence.kind === "dead") dead.add(first);
      else waiting.push({ seq: first, untilMs: nowMs + sentence.afterMs });
      continue;
    }
    const suspectAt = ready.findIndex((seq) => isolation.isSuspect(seq));
    const count = suspectAt === 0 ? 1 : suspectAt < 0 ? WINDOW : suspectAt;
    const batch = ready.slice(0, Math.min(WINDOW, count));
    const cutAt = batch.findIndex((seq) =>
      culprits?.has(seq) || random.fraction() < chance
    );
    const taken = cutAt < 0 ? batch : batch.slice(0, cutAt);
    for (const seq of taken) isolation.answered(seq, true);
    ready = ready.slice(taken.length);
    if (cutAt < 0) continue;
    ends += 1;
    isolation.ended(FAILURE as never, batch.slice(cutAt));
  }
  return { dead, ends, left: ready.length + waiting.length };
}

describe("a network that ends connections at random", () => {
  test.each([0.003, 0.01, 0.03, 0.1, 0.3, 0.5, 0.8])(
    "condemns nobody: chance %d",
    (chance) => {
      for (let seed = 1; seed <= 10; seed++) {
        const { dead, left } = send({ seed, messages: 1_000, chance });
        expect([...dead]).toEqual([]);
        expect(left).toBe(0);
      }
    },
  );

  test("hides no culprit where it is rarely bad", () => {
    for (let seed = 1; seed <= 5; seed++) {
      const culprits = new Set([10, 400, 900]);
      const result = send({ seed, messages: 20_000, chance: 0.0001, culprits });
      expect(result.dead).toEqual(culprits);
      expect(result.left).toBe(0);
    }
  });
});

test("a culprit costs at most five connections", () => {
  for (const at of [1, 500, 900]) {
    const culprits = new Set([at]);
    const network = { seed: 1, messages: 1_000, chance: 0, culprits };
    const { dead, ends } = send(network);
    expect(dead).toEqual(culprits);
    expect(ends).toBeLessThanOrEqual(5);
  }
});
