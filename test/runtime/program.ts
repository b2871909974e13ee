/**
 * What Node, Deno and Bun execute: `RUNTIME program.js MODULE`.
 *
 * @module
 */

import type { ConformanceCase } from "@mailboat/outbox/testing";
import process from "node:process";
import { runCases } from "./run_cases.ts";

const { cases } = await import(`./cases/${process.argv[2]}.js`) as {
  readonly cases: readonly ConformanceCase[];
};
const { bun, deno, node } = process.versions;
await runCases(cases, {
  version: bun ?? deno ?? node,
  tell: (line) => console.log(JSON.stringify(line)),
});
// A case that took too long may hold on to something.
process.exit();
