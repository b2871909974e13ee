import fc from "fast-check";
import { expect, test } from "vitest";
import {
  afterTakeover,
  condemned,
  isSuspect,
  onTrial,
  outlived,
  RELAY_DIED,
  TRIALS,
  trialsAfter,
} from "../../src/logic/probation.ts";
import { draft } from "../support/relay_rig.ts";

const message = { ...draft("k", 1), seq: 7, position: null };
const given = { message, earlier: undefined, boot: "b", nowMs: 5 };

test("a relay is careful once the one before it proved nothing either", () => {
  expect([0, 1, 2, 3, 4].map(trialsAfter))
    .toEqual([0, 0, TRIALS, 2 * TRIALS, 4 * TRIALS]);
  expect(trialsAfter(5_000)).toBe(65_536);
});

test("an open trial is a death on the same boot, and none on another", () => {
  const record = onTrial(given);
  expect(record).toMatchObject({ seq: 7, key: "k", trial: "b", deaths: 0 });
  expect(afterTakeover(record, "b")).toMatchObject({ trial: null, deaths: 1 });
  expect(afterTakeover(record, "c")).toMatchObject({ trial: null, deaths: 0 });
  expect(afterTakeover(outlived(record), "b").deaths).toBe(0);
});

test("where boots have no name, every open trial is a death", () => {
  const record = onTrial({ ...given, boot: "" });
  expect(afterTakeover(record, "").deaths).toBe(1);
});

test("deaths add up over trials, and spend no attempt", () => {
  fc.assert(fc.property(fc.array(fc.boolean()), (sameBoot) => {
    let earlier = undefined as ReturnType<typeof onTrial> | undefined;
    for (const same of sameBoot) {
      const record = onTrial({ ...given, earlier });
      earlier = afterTakeover(record, same ? "b" : "another");
    }
    const deaths = sameBoot.filter(Boolean).length;
    expect(earlier?.deaths ?? 0).toBe(deaths);
    expect(earlier?.attempts ?? 0).toBe(0);
    expect(isSuspect(earlier)).toBe(deaths > 0);
  }));
});

test("a trial keeps what refusals have left", () => {
  const earlier = { ...onTrial(given), attempts: 3, firstFailedAtMs: 1 };
  const record = onTrial({ ...given, earlier, nowMs: 9 });
  expect(record).toMatchObject({ attempts: 3, firstFailedAtMs: 1 });
});

test.each(
  [["hold", null, true], ["skip", null, false], [
    "skip",
    "hold",
    true,
  ]] as const,
)(
  "a condemned message is dead, and holds its lane as it was told (%s, %s)",
  (onDead, own, holds) => {
    const earlier = afterTakeover(onTrial(given), "b");
    const told = { ...message, onDead: own };
    expect(condemned({ message: told, earlier, onDead, nowMs: 6 }))
      .toMatchObject({ state: "dead", holds, code: RELAY_DIED, trial: null });
  },
);
