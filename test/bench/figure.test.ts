/**
 * Figures: ratios are taken within a round, targets are kept or missed.
 */

import { expect, test } from "vitest";
import { alone, compared } from "../../bench/figure.ts";
import { recordOf, summaryText, tableText } from "../../bench/report.ts";
import { atLeast, atMost, type Target } from "../../bench/target.ts";

const rate = (target?: Target) =>
  compared({
    figure: "window 64",
    unit: "events/s",
    // The machine was half as fast in the second round, for both.
    ours: [900, 450, 880],
    against: "mqtt.js",
    reference: [1_000, 500, 1_100],
    ...target && { target },
  });

test("a line of JSON holds the medians, the ratio, the target and the verdict", () => {
  expect(recordOf("drain", rate(atLeast(0.9, "ratio")))).toEqual({
    scenario: "drain",
    figure: "window 64",
    unit: "events/s",
    ours: 880,
    against: "mqtt.js",
    reference: 1_000,
    ratio: 0.9,
    target: "ratio ≥ 0.9",
    pass: true,
    spread: { ours: [450, 900], reference: [500, 1_100], ratio: [0.8, 0.9] },
  });
});

test("without a reference or a target they are null", () => {
  expect(recordOf("idle", alone("CPU", "%", [0.1]))).toEqual({
    scenario: "idle",
    figure: "CPU",
    unit: "%",
    ours: 0.1,
    against: null,
    reference: null,
    ratio: null,
    target: null,
    pass: null,
    spread: { ours: [0.1, 0.1], reference: null, ratio: null },
  });
});

const verdicts: readonly (readonly [Target, string, boolean])[] = [
  [atLeast(0.9, "ratio"), "ratio ≥ 0.9", true],
  [atLeast(0.91, "ratio"), "ratio ≥ 0.91", false],
  [atMost(0.9, "ratio"), "ratio ≤ 0.9", true],
  [atLeast(880), "≥ 880 events/s", true],
  [atMost(879), "≤ 879 events/s", false],
  [atMost(-120, "difference"), "at most -120 events/s more", true],
  [atLeast(-119, "difference"), "at least -119 events/s more", false],
];

test.each(verdicts)("the verdict of %j", (target, text, pass) => {
  expect(recordOf("drain", rate(target))).toMatchObject({ target: text, pass });
});

test("what could not be measured misses its target", () => {
  const figure = alone("first publish", "ms", [NaN], atMost(250));
  expect(recordOf("backlog", figure).pass).toBe(false);
  const lonely = alone("drain", "events/s", [1], atLeast(0.9, "ratio"));
  expect(recordOf("drain", lonely).pass).toBe(false);
});

test("the table and the summary say which targets were missed", () => {
  const figures = [rate(atLeast(0.9, "ratio")), rate(atMost(10)), rate()];
  const [, , met, missed, free] = tableText(figures).split("\n");
  expect(met).toMatch(/ratio ≥ 0\.9: met$/);
  expect(missed).toMatch(/≤ 10 events\/s: MISSED$/);
  expect(free).toMatch(/0\.900 \(0\.800–0\.900\)$/);
  expect(summaryText(figures)).toBe("1 of 2 targets met");
});
