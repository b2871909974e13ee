import type { Message, Outcome } from "@mailboat/outbox";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Arrivals, Convoy } from "../../src/logic/convoy.ts";
import { draft } from "../support/relay_rig.ts";

const DELIVERED: Outcome = { kind: "delivered" };
const REFUSED: Outcome = { kind: "retry", failure: { code: "X", reason: "" } };

test("deliveries count from the front only", () => {
  const convoy = convoyOf(1, 2, 3);
  expect(land(convoy, 2)).toEqual([[], []]);
  expect(convoy.withheld).toBe(1);
  expect(land(convoy, 1)).toEqual([[1, 2], []]);
  expect(convoy.withheld).toBe(0);
  expect(land(convoy, 3)).toEqual([[3], []]);
});

test("a failure counts when all have landed, and what is behind it goes again", () => {
  const convoy = convoyOf(1, 2, 3, 4, 5);
  expect(land(convoy, 1)).toEqual([[1], []]);
  expect(land(convoy, 3, REFUSED)).toEqual([[], []]);
  expect(land(convoy, 5)).toEqual([[], []]);
  expect(land(convoy, 2)).toEqual([[2], []]);
  expect(land(convoy, 4)).toEqual([[3], [4, 5]]);
});

test("of two failures the first counts, and the other one goes again", () => {
  const convoy = convoyOf(1, 2, 3);
  expect(land(convoy, 3, { kind: "dead", failure: { code: "X", reason: "" } }))
    .toEqual([[], []]);
  expect(land(convoy, 1, REFUSED)).toEqual([[], []]);
  expect(land(convoy, 2)).toEqual([[1], [2, 3]]);
});

test("after a failure nothing joins before everything has gone", () => {
  const convoy = convoyOf(1, 2);
  expect(convoy.hasRoom(3)).toBe(true);
  land(convoy, 2, REFUSED);
  expect(convoy.hasRoom(3)).toBe(false);
  land(convoy, 1);
  convoy.recorded(1);
  expect(convoy.hasRoom(3)).toBe(false);
  expect(convoy.turnBack(2).map(({ seq }) => seq)).toEqual([2]);
  expect(convoy.isEmpty).toBe(true);
  expect(convoy.hasRoom(1)).toBe(true);
});

test("a stranger and a second landing change nothing", () => {
  const convoy = convoyOf(1, 2);
  land(convoy, 2);
  expect(land(convoy, 2)).toEqual([[], []]);
  expect(land(convoy, 9)).toEqual([[], []]);
  expect(convoy.withheld).toBe(1);
  expect(convoy.hasRoom(3)).toBe(true);
});

test("only messages of the same topic and QoS follow each other", () => {
  const convoy = convoyOf(1);
  const next = message(2);
  expect(convoy.suits(next)).toBe(true);
  expect(convoy.suits({ ...next, qos: 2 })).toBe(false);
  expect(convoy.suits({ ...next, topic: "another" })).toBe(false);
  convoy.recorded(1);
  expect(convoy.suits({ ...next, qos: 2, topic: "another" })).toBe(true);
});

test("an empty convoy cannot be closed", () => {
  const convoy = new Convoy();
  convoy.close();
  expect(convoy.hasRoom(1)).toBe(true);
});

/** In whatever order they land: the run before the first failure, then that. */
test("each outcome counts once and in order, up to the first failure", () => {
  const landings = fc.array(fc.record({ ok: fc.boolean(), at: fc.nat() }), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(fc.property(landings, (given) => {
    const convoy = convoyOf(...given.keys());
    const due: number[] = [];
    let behind: readonly number[] = [];
    const order = [...given.entries()]
      .sort(([, one], [, other]) => one.at - other.at);
    for (const [seq, { ok }] of order) {
      const [now, back] = land(convoy, seq, ok ? DELIVERED : REFUSED);
      due.push(...now);
      behind = [...behind, ...back];
    }
    const failed = given.findIndex(({ ok }) => !ok);
    const last = failed < 0 ? given.length - 1 : failed;
    expect(due).toEqual([...Array(last + 1).keys()]);
    expect(behind).toEqual([...given.keys()].slice(last + 1));
    expect(convoy.withheld).toBe(behind.length);
    expect(convoy.turnBack(last).length).toBe(given.length - last);
    expect(convoy.withheld).toBe(0);
  }));
});

function land(
  convoy: Convoy,
  seq: number,
  outcome: Outcome = DELIVERED,
): [number[], number[]] {
  const { due, behind }: Arrivals = convoy.land(seq, outcome);
  return [
    due.map(({ message }) => message.seq),
    behind.map(({ message }) => message.seq),
  ];
}

function convoyOf(...seqs: number[]): Convoy {
  const convoy = new Convoy();
  for (const seq of seqs) convoy.add(message(seq));
  return convoy;
}

function message(seq: number): Message {
  const { chosenId: _, counted: _counted, ...rest } = draft("a", seq);
  return { ...rest, seq, position: null };
}
