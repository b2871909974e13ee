/**
 * The tables of the README: what ran where, and what Deno must allow.
 *
 * @module
 */

import { withMarkedPart } from "../support/marked_part.ts";
import { type Permissions, permissions } from "./permissions.ts";
import type { Row } from "./rows.ts";
import { figuresOf, type Result } from "./tally.ts";

/** The columns of the matrix. */
export const columns = [
  "Runtime",
  "Version",
  "What ran",
  "Cases",
  "Passed",
  "Failed",
] as const;

/** The README with the tables of this run. */
export function renewed(readme: string, results: readonly Result[]): string {
  const withMatrix = withMarkedPart(readme, "matrix", matrixTable(results));
  return withMarkedPart(withMatrix, "permissions", permissionsTable());
}

/** The matrix, as Markdown. */
export function matrixTable(results: readonly Result[]): string {
  return tableOf(columns, results.map(cellsOf));
}

/** What the matrix says about the entries of a row. */
export function whatRuns({ entries }: Row): string {
  return entries.join(", ");
}

/** What each adapter needs under Deno, as Markdown. */
export function permissionsTable(): string {
  const code = (text: string) => text === "" ? "" : `\`${text}\``;
  const rows = Object.entries<Permissions>(permissions).map((
    [adapter, { flags, watching = "" }],
  ) => [code(adapter), code(flags.join(" ")), code(watching)]);
  return tableOf(["Adapter", "Needs", "Better with"], rows);
}

function cellsOf(result: Result): readonly string[] {
  const { row } = result;
  if ("skipped" in result) {
    return [row.title, "skipped", whatRuns(row), "", "", ""];
  }
  const { version, cases, passed, failed } = figuresOf(result);
  const counts = [cases, passed, failed].map(String);
  return [row.title, version, whatRuns(row), ...counts];
}

/** Padded as the formatter pads, so that it finds nothing to do. */
function tableOf(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]!.length))
  );
  const line = (cells: readonly string[], filler = " ") =>
    `| ${
      cells.map((cell, column) => cell.padEnd(widths[column]!, filler))
        .join(" | ")
    } |`;
  const rule = line(head.map(() => ""), "-");
  return [line(head), rule, ...rows.map((row) => line(row))].join("\n");
}
