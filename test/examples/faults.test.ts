import { expect, test } from "vitest";
import {
  type FaultKind,
  planFaults,
  runFaults,
} from "../../examples/gateway/faults.ts";

test("by default the relay is killed at a quarter and the broker goes at half", () => {
  expect(planFaults(20)).toEqual([
    { kind: "relay kill", atMs: 5_000, forMs: 500 },
    { kind: "broker outage", atMs: 10_000, forMs: 2_000 },
  ]);
});

test.each([5, 20, 59, 60, 61, 300, 3_600])(
  "in %i seconds each thing breaks at least once, in turn, and the end is calm",
  (seconds) => {
    const plan = planFaults(seconds);
    const kinds = plan.map(({ kind }) => kind);
    expect(kinds.slice(0, 2)).toEqual(["relay kill", "broker outage"]);
    expect(kinds.every((kind, at) => kind !== kinds[at + 1])).toBe(true);
    for (const [at, { atMs, forMs }] of plan.entries()) {
      const next = plan[at + 1]?.atMs ?? seconds * 1_000;
      expect(atMs + 2 * forMs).toBeLessThan(next);
    }
  },
);

test("an interruption puts right what is broken and leaves out the rest", async () => {
  const enough = new AbortController();
  const seen: string[] = [];
  const lever = (kind: FaultKind) => ({
    breakIt: () => {
      seen.push(`break ${kind}`);
      enough.abort();
      return Promise.resolve();
    },
    mendIt: () => void seen.push(`mend ${kind}`),
  });
  const done = await runFaults([
    { kind: "relay kill", atMs: 0, forMs: 3_600_000 },
    { kind: "broker outage", atMs: 3_600_000, forMs: 1 },
  ], {
    signal: enough.signal,
    levers: {
      "relay kill": lever("relay kill"),
      "broker outage": lever("broker outage"),
    },
  });
  expect(seen).toEqual(["break relay kill", "mend relay kill"]);
  expect(done.map(({ kind }) => kind)).toEqual(["relay kill"]);
});
