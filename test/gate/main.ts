/**
 * `npm run gate -- --scale X`: runs everything that is run at length, one after
 * the other, and prints what came of it. Several hours at scale 1.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
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
for (const step of stepsAt(scale())) {
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
  try {
    const { values } = parseArgs({ options: { scale: { type: "string" } } });
    const { scale: text = "1" } = values;
    const value = Number(text);
    if (/^\d*\.?\d+$/.test(text) && value > 0 && value <= 100) return value;
    throw new RangeError(
      `Cannot run the gate as --scale must be above 0 and at most 100: current value is ${text}`,
    );
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(2);
  }
}
