import { exponentialRetry, type Outcome } from "@mailboat/outbox";
import { expect, test } from "vitest";
import { type Case, judge } from "../../src/logic/settlement.ts";
import { draft } from "../support/relay_rig.ts";

const failure = { code: "X", reason: "x" };

test("only an acknowledgement settles a message; a doubt sends it again and costs nothing", () => {
  const kinds = ["delivered", "unknown", "unavailable", "no such kind"].map((
    kind,
  ) => judge(given({ kind } as Outcome)).kind);
  expect(kinds).toEqual(["done", "again", "again", "again"]);
});

test("a refusal counts one attempt on top of the earlier ones and keeps the first time", () => {
  const verdict = judge(given({ kind: "retry", failure }, {
    earlier: {
      seq: 9,
      key: "a",
      state: "retry",
      holds: true,
      attempts: 4,
      deaths: 0,
      trial: null,
      firstFailedAtMs: 5,
      failedAtMs: 6,
      delayMs: 7,
      code: "Y",
      reason: "y",
    },
  }));
  expect(verdict).toMatchObject({
    kind: "wait",
    record: {
      attempts: 5,
      deaths: 0,
      trial: null,
      firstFailedAtMs: 5,
      failedAtMs: 1_000,
      code: "X",
      state: "retry",
      holds: true,
    },
  });
});

test("a deferral is recorded without an attempt, and an absurd wait is bounded", () => {
  for (const afterMs of [-1, Number.NaN, Infinity]) {
    expect(judge(given({ kind: "deferred", failure, afterMs }))).toMatchObject({
      kind: "wait",
      afterMs: 86_400_000,
      record: { state: "retry", attempts: 0, delayMs: 86_400_000 },
    });
  }
});

test("nonsense from a transport or a policy is judged all the same", () => {
  const nonsense = [undefined, null, 3, {}, { kind: "dead" }, {
    kind: "retry",
  }];
  const kinds = nonsense.map((outcome) =>
    judge(given(outcome as Outcome)).kind
  );
  expect(kinds).toEqual(["again", "again", "again", "again", "dead", "wait"]);
  const policy = (() => undefined) as unknown as Case["policy"];
  expect(judge(given({ kind: "retry", failure }, { policy }))).toMatchObject({
    kind: "wait",
    afterMs: 86_400_000,
  });
});

test("death holds or skips as the event says, else as the relay says", () => {
  const holds = (onDead: "hold" | "skip" | null, relay: "hold" | "skip") => {
    const { chosenId: _, counted: _counted, ...message } = draft("a", 1, {
      onDead,
    });
    const verdict = judge(
      given({ kind: "dead", failure }, {
        onDead: relay,
        message: { ...message, seq: 9, position: null },
      }),
    );
    return verdict.kind === "dead" && verdict.record.holds;
  };
  expect([
    holds(null, "hold"),
    holds(null, "skip"),
    holds("skip", "hold"),
    holds("hold", "skip"),
  ])
    .toEqual([true, false, false, true]);
});

function given(outcome: Outcome, more: Partial<Case> = {}): Case {
  const { chosenId: _, counted: _counted, ...message } = draft("a", 1);
  return {
    outcome,
    message: { ...message, seq: 9, position: null },
    earlier: undefined,
    policy: exponentialRetry(),
    onDead: "hold",
    nowMs: 1_000,
    random: 0.5,
    ...more,
  };
}
