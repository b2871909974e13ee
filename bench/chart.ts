/**
 * Charts: the figures of a scenario as bars, ours above what it is beside.
 *
 * An SVG with both faces: it follows the reader's choice of light or dark.
 *
 * @module
 */

import { type FigureRecord, short } from "./report.ts";

/** The width of every chart. */
export const WIDTH = 860;
const LABELS = 350;
const BARS = 280;
const BAR = 9;
const ROW = 34;
const HEAD = 62;
const GROUP = 26;

/** What all charts look like. */
export const STYLE = `
    :root { color-scheme: light dark; }
    .ink { fill: #1b2430; } .soft { fill: #57606a; } .target { stroke: #1b2430; }
    .met { fill: #1a7f37; } .missed { fill: #cf222e; } .free { fill: #0969da; } .beside { fill: #afb8c1; }
    .spread { stroke: #57606a; }
    @media (prefers-color-scheme: dark) {
      .ink { fill: #e6edf3; } .soft { fill: #9198a1; } .target { stroke: #e6edf3; }
      .met { fill: #3fb950; } .missed { fill: #f85149; } .free { fill: #4493f8; } .beside { fill: #656c76; }
      .spread { stroke: #9198a1; }
    }
  `;

/** What a chart shows. */
export interface ChartOptions {
  readonly title: string;
  /** When and how it was measured. */
  readonly subtitle: string;
  readonly figures: readonly FigureRecord[];
}

/** Draws the figures; those of one unit share a scale. */
export function chartOf({ title, subtitle, figures }: ChartOptions): string {
  const units = [...new Set(figures.map(({ unit }) => unit))];
  const parts: string[] = [];
  let y = HEAD;
  for (const unit of units) {
    const ofUnit = figures.filter((figure) => figure.unit === unit);
    const most = Math.max(...ofUnit.map(longestOf));
    parts.push(text({ x: 10, y: y + 14, content: unit, bold: true }));
    y += GROUP;
    for (const figure of ofUnit) {
      parts.push(...row(figure, y, most > 0 ? BARS / most : 0));
      y += ROW;
    }
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${
      y + 8
    }" role="img" aria-labelledby="title desc" font-family="system-ui, sans-serif" font-size="12">`,
    `  <title id="title">${escaped(title)}</title>`,
    `  <desc id="desc">${escaped(figures.map(inWords).join("; "))}</desc>`,
    `  <style>${STYLE}</style>`,
    text({ x: 10, y: 22, content: title, size: 15, bold: true }),
    text({ x: 10, y: 42, content: subtitle, soft: true }),
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

/** The longest thing that a row shows. */
function longestOf(its: FigureRecord): number {
  return Math.max(its.spread.ours[1], its.reference ?? 0);
}

function row(its: FigureRecord, y: number, scale: number): string[] {
  const verdict = its.pass === null ? "free" : its.pass ? "met" : "missed";
  const [least, most] = its.spread.ours;
  const values = its.reference === null
    ? short(its.ours)
    : `${short(its.ours)} : ${short(its.reference)}, ratio ${
      short(its.ratio ?? NaN)
    }`;
  const at = (value: number) => (LABELS + value * scale).toFixed(1);
  const drawn = [
    text({ x: 10, y: y + 10, content: its.figure }),
    bar(verdict, y, its.ours * scale),
    text({ x: LABELS + BARS + 14, y: y + 10, content: values }),
  ];
  if (least < most) {
    const middle = y + BAR / 2;
    drawn.push(
      `  <path class="spread" d="M${at(least)} ${middle}H${at(most)}"/>`,
    );
  }
  if (its.reference !== null) {
    const content = `beside ${its.against}`;
    drawn.push(
      text({ x: 10, y: y + 24, content, soft: true }),
      bar("beside", y + BAR + 3, its.reference * scale),
    );
  }
  if (its.target !== null) {
    const content = `${its.target}: ${verdict}`;
    drawn.push(
      text({ x: LABELS + BARS + 14, y: y + 24, content, tone: verdict }),
    );
  }
  return drawn;
}

function bar(tone: string, y: number, width: number): string {
  const seen = Math.max(1, width).toFixed(1);
  return `  <rect class="${tone}" x="${LABELS}" y="${y}" width="${seen}" height="${BAR}" rx="1.5"/>`;
}

/** A line of text. */
export function text({ x, y, content, size, bold, soft, tone }: {
  readonly x: number;
  readonly y: number;
  readonly content: string;
  readonly size?: number;
  readonly bold?: boolean;
  readonly soft?: boolean;
  readonly tone?: string;
}): string {
  const its = [
    `class="${tone ?? (soft ? "soft" : "ink")}" x="${x}" y="${y}"`,
    ...size ? [`font-size="${size}"`] : [],
    ...bold ? ['font-weight="600"'] : [],
  ];
  return `  <text ${its.join(" ")}>${escaped(content)}</text>`;
}

function inWords({ figure, unit, ours, against, reference }: FigureRecord) {
  const beside = reference === null
    ? ""
    : ` beside ${short(reference)} (${against})`;
  return `${figure}: ${short(ours)} ${unit}${beside}`;
}

/** Text as markup. */
export function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
