/**
 * `npm run gate -- --scale X`: runs everything that is run at length, one after
 * the other, and prints what came of it. Several hours at scale 1.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { readOrExit, refused, valuesOf } from "../support/command_line.ts";
import { type Step, stepsAt } from "./steps.ts";

/** What came of a step. */
interface Result {
  readonly command: string;
  readonly passed: boolean;
  readonly minutes: string;
  /** The last line that it printed: each command ends with its figures. */
  readonly lastLine: string;
}

const results: Result[] = [];
for (const step of stepsAt(readOrExit(scale))) {
  const result = await take(step);
  results.push(result);
  console.log(`== ${rowOf(result)}\n`);
}
console.log("== The gate");
for (const result of results) console.log(rowOf(result));
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;

async function take({ script, args }: Step): Promise<Result> {
  const given = [
    "run",
    "--silent",
    script,
    ...(args.length ? ["--"] : []),
    ...args,
  ];
  const command = ["npm", ...given].join(" ").replace(" --silent", "");
  console.log(`== ${command}`);
  const began = performance.now();
  const child = spawn("npm", given, { stdio: ["ignore", "pipe", "inherit"] });
  let lastLine = "";
  createInterface({ input: child.stdout }).on("line", (line) => {
    console.log(line);
    if (line.trim() !== "") lastLine = line.trim();
  });
  const [code] = await once(child, "close");
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  return { command, passed: code === 0, minutes, lastLine };
}

function rowOf({ command, passed, minutes, lastLine }: Result): string {
  return `${
    passed ? "passed" : "FAILED"
  }  ${minutes} min  ${command}: ${lastLine}`;
}

function scale(): number {
  const options = { scale: { type: "string", default: "1" } } as const;
  const { scale: text } = valuesOf(process.argv.slice(2), options);
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text) && value > 0 && value <= 100) return value;
  const place = { action: "run the gate", option: "--scale" };
  throw refused(place, "above 0 and at most 100", text);
}
