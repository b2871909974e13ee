/**
 * The generated parts of the page about performance.
 *
 * @module
 */

import { withMarkedPart } from "../test/support/marked_part.ts";
import { chartOf } from "./chart.ts";
import { courseChartOf } from "./course_chart.ts";
import { type FigureRecord, short } from "./report.ts";
import type { ScenarioResult } from "./results.ts";

/** The newest result of each scenario, by its name. */
export type Newest = Readonly<
  Record<string, ScenarioResult & { readonly date: string }>
>;

/** A scenario as the page names it, in its order. */
export interface Chapter {
  readonly name: string;
  readonly summary: string;
}

/** The charts, by the names of their files. */
export function chartsOf(
  results: Newest,
  chapters: readonly Chapter[],
): ReadonlyMap<string, string> {
  return new Map(
    measured(results, chapters).map((its) => [`${its.name}.svg`, drawn(its)]),
  );
}

/**
 * Renews what lies between `<!-- NAME -->` and `<!-- /NAME -->`: `targets`,
 * `courses`, `charts` and `machine`.
 *
 * @throws {Error} when a pair of marks is missing.
 */
export function renewed(
  page: string,
  results: Newest,
  chapters: readonly Chapter[],
): string {
  const all = measured(results, chapters);
  const parts = {
    targets: targetsTable(all),
    courses: all.filter(isCourse).map((its) =>
      `${shown(its)}\n\n${figuresTable(its)}`
    ).join("\n\n"),
    charts: all.filter((its) => !isCourse(its)).map((its) =>
      `### ${its.name}\n\n${shown(its)}`
    ).join("\n\n"),
    machine: machineTable(all),
  };
  return Object.entries(parts).reduce(
    (text, [name, part]) => withMarkedPart(text, name, part),
    page,
  );
}

function drawn({ name, summary, result }: Measured): string {
  const title = `${name}: ${summary}`;
  const subtitle = provenanceOf(result);
  const { course, figures } = result;
  return course
    ? courseChartOf({ title, subtitle, course })
    : chartOf({ title, subtitle, figures });
}

interface Measured extends Chapter {
  readonly result: Newest[string];
}

function measured(
  results: Newest,
  chapters: readonly Chapter[],
): readonly Measured[] {
  return chapters.flatMap((chapter) => {
    const result = results[chapter.name];
    return result ? [{ ...chapter, result }] : [];
  });
}

/** Whether it went on for so long that how it went is what matters. */
function isCourse({ result }: Measured): boolean {
  return result.course !== undefined;
}

function shown({ name, summary, result }: Measured): string {
  return `_${summary}._ ${provenanceOf(result)}.\n\n` +
    `![${name}: ${summary}](performance/${name}.svg)` +
    (result.skipped ?? []).map(({ what, why }) =>
      `\n\n**Skipped:** ${what}: ${why}.`
    ).join("");
}

/** When, how, and how busy the machine was with other things when it began. */
function provenanceOf({ date, quick, facts }: Newest[string]): string {
  const busy = `${date}, load ${facts["load"]?.split(" ")[0] ?? "unknown"}`;
  return quick ? `Quick run of ${busy}: the shape, not the value` : busy;
}

/** The missed ones are as bold as they are bad. */
function targetsTable(all: readonly Measured[]): string {
  const rows = all.flatMap(({ name, result }) =>
    result.figures.filter(({ target }) => target !== null).map((its) => [
      name + (result.quick ? " *" : ""),
      its.figure,
      `${short(its.ours)} ${its.unit}`,
      besideText(its),
      its.ratio === null ? "" : short(its.ratio),
      its.target!,
      its.pass ? "met" : "**missed**",
    ])
  );
  const head = [
    "Scenario",
    "Figure",
    "Mailboat",
    "Beside",
    "Ratio",
    "Target",
    "",
  ];
  const met = rows.filter((row) => row.at(-1) === "met").length;
  const quick = all.some(({ result }) => result.quick)
    ? " An asterisk marks a quick run: the shape, not the value."
    : "";
  return `${met} of ${rows.length} are met.${quick}\n\n${table(head, rows)}`;
}

/** Everything of one scenario, that without a target too. */
function figuresTable({ result }: Measured): string {
  const rows = result.figures.map(({ figure, unit, ours, spread, ...its }) => [
    figure,
    `${short(ours)} ${unit}`,
    spread.ours[0] === spread.ours[1]
      ? ""
      : spread.ours.map(short).join(" to "),
    besideText({ ...its, unit }),
    its.target ?? "",
  ]);
  return table(["Figure", "Median", "Spread", "Beside", "Target"], rows);
}

function besideText(
  { against, reference, unit }: Pick<
    FigureRecord,
    "against" | "reference" | "unit"
  >,
): string {
  return reference === null ? "" : `${against}: ${short(reference)} ${unit}`;
}

function machineTable(all: readonly Measured[]): string {
  const newest = all.reduce<Measured | undefined>(
    (best, its) => !best || its.result.date >= best.result.date ? its : best,
    undefined,
  );
  return table(["", ""], Object.entries(newest?.result.facts ?? {}));
}

function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [head, head.map(() => "---"), ...rows].map(line).join("\n");
}
