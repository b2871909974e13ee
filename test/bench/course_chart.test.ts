/**
 * Charts of a course: what went up is drawn as going up, what was not measured
 * is a gap, and a mark stands at its time.
 */

import { expect, test } from "vitest";
import { courseChartOf } from "../../bench/course_chart.ts";

const chart = (values: readonly (number | null)[]) =>
  courseChartOf({
    title: "soak: a < b",
    subtitle: "2026-11-26",
    course: {
      minutes: values.map((_, at) => at),
      mark: "restart",
      marks: [1],
      panels: [{
        title: "Memory",
        unit: "MiB",
        lines: [{ name: "resident", values }],
      }],
    },
  });

const lineOf = (svg: string) => /class="line free" d="([^"]*)"/.exec(svg)?.[1];

test("a panel begins at nought and ends at a round number", () => {
  expect(lineOf(chart([0, 50, 100]))).toBe(
    "M60.0 186.0L380.0 141.0L700.0 96.0",
  );
  expect(lineOf(chart([0, 75]))).toBe("M60.0 186.0L700.0 118.5");
});

test("what was not measured is a gap", () => {
  expect(lineOf(chart([0, null, 0]))).toBe("M60.0 186.0M700.0 186.0");
});

test("a mark stands at its time", () => {
  expect(chart([1, 1, 1])).toContain('class="mark" d="M380.0 96v90"');
});

test("it has both faces, and words for those who cannot see it", () => {
  const svg = chart([1, 2, 4]);
  expect(svg).toContain("prefers-color-scheme: dark");
  expect(svg).toContain(
    '<desc id="desc">Memory, resident: 2.00 MiB (1.00 to 4.00)</desc>',
  );
  expect(svg).toContain('<title id="title">soak: a &lt; b</title>');
  expect(chart([null])).toContain("Memory, resident: not measured");
});
