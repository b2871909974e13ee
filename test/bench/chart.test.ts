/**
 * Charts: what is measured is what is drawn, in the dark and in the light.
 */

import { expect, test } from "vitest";
import { chartOf } from "../../bench/chart.ts";
import { alone, compared, type Figure } from "../../bench/figure.ts";
import { recordOf } from "../../bench/report.ts";
import { atLeast } from "../../bench/target.ts";

const chart = (...figures: readonly Figure[]) =>
  chartOf({
    title: "drain: a & b < c",
    subtitle: "2026-11-26",
    figures: figures.map((figure) => recordOf("drain", figure)),
  });

const beside = (ours: readonly number[], ratio: number) =>
  compared({
    figure: "window 64",
    unit: "events/s",
    ours,
    against: "mqtt.js",
    reference: ours.map(() => 1_000),
    target: atLeast(ratio, "ratio"),
  });

const widthsOf = (svg: string, tone: string) =>
  [...svg.matchAll(
    new RegExp(`<rect class="${tone}"[^>]*width="([\\d.]+)"`, "g"),
  )]
    .map(([, width]) => Number(width));

test("bars are as long as what they stand for", () => {
  const svg = chart(beside([500], 0.9), beside([950], 0.9));
  const [reference] = widthsOf(svg, "beside");
  expect(widthsOf(svg, "missed")).toEqual([reference! / 2]);
  expect(widthsOf(svg, "met")).toEqual([reference! * 0.95]);
});

test("each unit has a scale of its own, and nothing is too short to be seen", () => {
  const svg = chart(
    alone("p50", "ms", [1]),
    alone("rate", "events/s", [10_000]),
    alone("least", "events/s", [0]),
  );
  const [ms, most, least] = widthsOf(svg, "free");
  expect(ms).toBe(most);
  expect(least).toBeGreaterThan(0);
});

test("a spread is drawn where there is one", () => {
  expect(chart(beside([900, 950, 980], 0.9))).toContain('class="spread" d=');
  expect(chart(beside([900], 0.9))).not.toContain('class="spread" d=');
});

test("it has both faces, words for those who cannot see it, and no markup of others", () => {
  const svg = chart(beside([500], 0.9));
  expect(svg).toContain("prefers-color-scheme: dark");
  expect(svg).toContain(
    '<desc id="desc">window 64: 500 events/s beside 1,000 (mqtt.js)</desc>',
  );
  expect(svg).toContain('<title id="title">drain: a &amp; b &lt; c</title>');
  expect(svg).toContain("ratio ≥ 0.9: missed");
});
