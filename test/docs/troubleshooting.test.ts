/**
 * Troubleshooting has an entry for every code, and for nothing else.
 */

import { expect, test } from "vitest";
import { read, readTree, type Tree, treeOf } from "../support/source_tree.ts";

/**
 * Where a code stands in the sources: `code: "A"`, `code = "A"`, the last
 * resort of a choice, a constant of its own name, a member of a union.
 */
const places = [
  /\bcode(?::| =) "([A-Z][A-Z0-9_]{3,})"/g,
  /(?:\?\?|^\s*[?:]) "([A-Z][A-Z0-9_]{3,})"/gm,
  /\bconst ([A-Z][A-Z0-9_]{3,}) = "\1"/g,
];

function codesIn(tree: Tree): Set<string> {
  const codes = new Set<string>();
  for (const [path, text] of tree) {
    if (!/^(src|adapters)\/(?!testing\/).*\.ts$/.test(path)) continue;
    for (const place of places) {
      for (const [, code = ""] of text.matchAll(place)) codes.add(code);
    }
    if (/`MQTT_\$\{/.test(text)) codes.add("MQTT_0x…");
  }
  const errors = tree.get("src/errors.ts") ?? "";
  const union = /export type ErrorCode =([^;]*);/.exec(errors)?.[1] ?? "";
  for (const [, code = ""] of union.matchAll(/"(\w+)"/g)) codes.add(code);
  return codes;
}

const entriesIn = (page: string) =>
  [...page.matchAll(/^### `(.*)`$/gm)].map(([, code = ""]) => code);

test("codes are found where the sources say them", () => {
  const tree = treeOf({
    "src/errors.ts": 'export type ErrorCode =\n  | "A_UNION"\n  | "UNION";',
    "src/a.ts":
      'f({ code: "FIELD" }); const code = "CONST"; x ?? "LAST_RESORT";',
    "adapters/a.ts": 'export const ALONE = "ALONE";\n  ? x\n    : "OTHERWISE";',
    "adapters/b.ts": "`MQTT_${hex}`; starting('SQLITE_FULL', \"ECONNRESET\");",
    "src/testing/c.ts": 'f({ code: "CUT_BY_TEST" });',
  });
  expect([...codesIn(tree)].sort()).toEqual([
    "ALONE",
    "A_UNION",
    "CONST",
    "FIELD",
    "LAST_RESORT",
    "MQTT_0x…",
    "OTHERWISE",
    "UNION",
  ]);
});

test("every code has one entry, and every entry is a code", () => {
  const entries = entriesIn(read("docs/troubleshooting.md"));
  expect([...entries].sort()).toEqual([...codesIn(readTree())].sort());
});
