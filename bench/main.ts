/**
 * `npm run bench`: runs scenarios and shows what they found.
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import {
  findMosquitto,
  type Mosquitto,
  startMosquitto,
} from "../test/support/mosquitto.ts";
import type { Course } from "./course.ts";
import type { Figure } from "./figure.ts";
import { machineFacts } from "./machine.ts";
import {
  brokerNeeded,
  type Options,
  readOptions,
  UsageError,
  usageOf,
} from "./options.ts";
import {
  factsText,
  recordOf,
  short,
  summaryText,
  tableText,
} from "./report.ts";
import { keep, type ScenarioResult, type Skipped } from "./results.ts";
import type { Bench, Scenario } from "./scenario.ts";
import { scenarios } from "./scenarios.ts";

/** No limits of its own: what is measured is not the broker. */
const BROKER_CONFIG = ["max_inflight_messages 0", "max_queued_messages 0"];

// A scenario that failed may have left something open.
process.exit(await main());

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2), scenarios);
    if (options.help) console.log(usageOf(scenarios));
    else await bench(options);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message} (--help shows the options)`);
      return 2;
    }
    console.error(error);
    return 1;
  }
}

async function bench(options: Options): Promise<void> {
  const { quick, json, minutes } = options;
  const mosquitto = findMosquitto();
  const isBrokerNeeded = brokerNeeded(options, { mosquitto, all: scenarios });
  const folder = mkdtempSync(join(tmpdir(), "mailboat-bench-"));
  const brokers: Mosquitto[] = [];
  const startBroker = async (config: readonly string[]) => {
    const all = [...BROKER_CONFIG, ...config];
    brokers.push(await startMosquitto({ config: all }));
    return brokers.at(-1)!.url;
  };
  const cleanUp = async () => {
    await Promise.all(brokers.map((broker) => broker.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void cleanUp().then(() => process.exit(1)));
  }
  try {
    const facts = await machineFacts({ folder, mosquitto });
    (json ? console.error : console.log)(`${factsText(facts)}\n`);
    const brokerUrl = isBrokerNeeded ? await startBroker([]) : "";
    const found: Figure[] = [];
    const leftOut: (Skipped & { readonly scenario: Scenario })[] = [];
    const results: Record<string, ScenarioResult> = {};
    for (const scenario of options.scenarios) {
      const its = { quick, minutes, folder, brokerUrl, startBroker };
      const outcome = await runOne(scenario, its);
      if (outcome === null) continue;
      const { figures, course, skipped } = outcome;
      show(scenario, figures, json);
      found.push(...figures);
      leftOut.push(...skipped.map((its) => ({ ...its, scenario })));
      results[scenario.name] = {
        quick,
        facts,
        figures: figures.map((figure) => recordOf(scenario.name, figure)),
        ...course && { course },
        ...skipped.length > 0 && { skipped },
      };
    }
    for (const { scenario, what, why } of leftOut) {
      console.error(`SKIPPED: ${scenario.name}: ${what}: ${why}`);
    }
    console.error(summaryText(found));
    if (options.keep) {
      const date = new Date().toISOString().slice(0, 10);
      console.error(`kept in ${keep(results, { date })}`);
    }
  } finally {
    await cleanUp();
  }
}

/** What a scenario found, and what it left out. */
interface Outcome {
  readonly figures: readonly Figure[];
  readonly course: Course | undefined;
  readonly skipped: readonly Skipped[];
}

/** Resolves with `null` when it failed, which is said aloud: the others go on. */
async function runOne(
  { name, run }: Scenario,
  bench: Omit<Bench, "note" | "plot" | "skip">,
): Promise<Outcome | null> {
  let course: Course | undefined;
  const plot = (its: Course) => course = its;
  const skipped: Skipped[] = [];
  const note = (progress: string) => console.error(`  ${name}: ${progress}`);
  const skip = (what: string, why: string) => {
    skipped.push({ what, why });
    note(`SKIPPED: ${what}: ${why}`);
  };
  const beganMs = performance.now();
  try {
    const figures = await run({ ...bench, note, plot, skip });
    note(`${short((performance.now() - beganMs) / 1_000)} s`);
    return { figures, course, skipped };
  } catch (error) {
    console.error(`FAILED: ${name}:`, error);
    process.exitCode = 1;
    return null;
  }
}

function show(
  { name, summary }: Scenario,
  figures: readonly Figure[],
  json: boolean,
): void {
  if (!json) {
    console.log(`\n${name}: ${summary}\n\n${tableText(figures)}\n`);
    return;
  }
  for (const figure of figures) {
    console.log(JSON.stringify(recordOf(name, figure)));
  }
}
