/**
 * Charts of a course: panels below each other that share their time.
 *
 * @module
 */

import { escaped, STYLE, text, WIDTH } from "./chart.ts";
import type { Course, Line, Panel } from "./course.ts";
import { short } from "./report.ts";
import { quantile, spreadOf } from "./statistics.ts";

const LEFT = 60;
const RIGHT = 700;
const HEAD = 78;
const PANEL = 90;
const GAP = 44;

/** The lines of a panel, by their position. */
const TONES = ["free", "met"] as const;

const LINES = `
    .line { fill: none; stroke-width: 1.4; stroke-linejoin: round; }
    .line.free { stroke: #0969da; } .line.met { stroke: #1a7f37; }
    .grid { stroke: #afb8c1; stroke-width: .5; } .mark { stroke: #cf222e; stroke-width: .8; stroke-dasharray: 2 3; }
    @media (prefers-color-scheme: dark) {
      .line.free { stroke: #4493f8; } .line.met { stroke: #3fb950; }
      .grid { stroke: #656c76; } .mark { stroke: #f85149; }
    }
  `;

/** What a chart of a course shows. */
export interface CourseChartOptions {
  readonly title: string;
  /** When and how it was measured. */
  readonly subtitle: string;
  readonly course: Course;
}

/** Draws the course; every panel begins at nought. */
export function courseChartOf(
  { title, subtitle, course }: CourseChartOptions,
): string {
  const { panels, marks, mark } = course;
  const height = HEAD + panels.length * (PANEL + GAP);
  const last = course.minutes.at(-1) ?? 0;
  const x = (minute: number) =>
    LEFT + (RIGHT - LEFT) * (last > 0 ? minute / last : 0);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc" font-family="system-ui, sans-serif" font-size="12">`,
    `  <title id="title">${escaped(title)}</title>`,
    `  <desc id="desc">${escaped(panels.map(inWords).join("; "))}</desc>`,
    `  <style>${STYLE}${LINES}</style>`,
    text({ x: 10, y: 22, content: title, size: 15, bold: true }),
    text({ x: 10, y: 42, content: subtitle, soft: true }),
    `  <path class="mark" d="M10 56H40"/>`,
    text({ x: 46, y: 60, content: mark, soft: true }),
    ...panels.flatMap((panel, at) => {
      const top = HEAD + at * (PANEL + GAP);
      return [
        ...marks.map((minute) =>
          `  <path class="mark" d="M${x(minute).toFixed(1)} ${
            top + 18
          }v${PANEL}"/>`
        ),
        ...panelOf(panel, { top: top + 18, x, minutes: course.minutes }),
      ];
    }),
    text({ x: LEFT, y: height - 8, content: "0 min", soft: true }),
    text({
      x: RIGHT - 40,
      y: height - 8,
      content: `${short(last)} min`,
      soft: true,
    }),
    "</svg>",
    "",
  ].join("\n");
}

function panelOf(
  { title, unit, lines }: Panel,
  { top, x, minutes }: {
    readonly top: number;
    readonly x: (minute: number) => number;
    readonly minutes: readonly number[];
  },
): string[] {
  const most = roundUp(Math.max(...lines.flatMap(known), 0));
  const y = (value: number) => top + PANEL * (1 - value / most);
  const content = unit === "" ? title : `${title}, ${unit}`;
  return [
    text({ x: LEFT, y: top - 6, content, bold: true }),
    ...[0, most / 2, most].flatMap((value) => [
      `  <path class="grid" d="M${LEFT} ${y(value).toFixed(1)}H${RIGHT}"/>`,
      text({
        x: 10,
        y: y(value) + 4,
        content: value === 0 ? "0" : short(value),
        soft: true,
      }),
    ]),
    ...lines.flatMap((line, at) => {
      const tone = TONES[at % TONES.length]!;
      const d = pathOf(line.values, (index) => x(minutes[index]!), y);
      const middle = median(line);
      const name = middle === null
        ? line.name
        : `${line.name}, median ${short(middle)}`;
      return [
        `  <path class="line ${tone}" d="${d}"/>`,
        text({ x: RIGHT + 10, y: top + 14 + 18 * at, content: name, tone }),
      ];
    }),
  ];
}

/** A line that is broken where nothing was measured. */
function pathOf(
  values: Line["values"],
  x: (index: number) => number,
  y: (value: number) => number,
): string {
  return values.map((value, at) => {
    if (value === null) return "";
    const isBegun = at > 0 && values[at - 1] !== null;
    return `${isBegun ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
  }).join("");
}

/** The next of 1, 2, 4, 5 and 10 of its order: all have halves that are short. */
function roundUp(value: number): number {
  if (value <= 0) return 1;
  const order = 10 ** Math.floor(Math.log10(value));
  return order * ([1, 2, 4, 5].find((step) => value <= step * order) ?? 10);
}

function known({ values }: Line): number[] {
  return values.filter((value) => value !== null);
}

function median(line: Line): number | null {
  const values = known(line);
  return values.length === 0 ? null : quantile(values, 0.5);
}

function inWords({ title, unit, lines }: Panel): string {
  return lines.map((line) => {
    const values = known(line);
    if (values.length === 0) return `${title}, ${line.name}: not measured`;
    const { median, min, max } = spreadOf(values);
    return `${title}, ${line.name}: ${short(median)} ${unit} (${
      short(min)
    } to ${short(max)})`;
  }).join("; ");
}
