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
    return 0;
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
  const { quick, json } = options;
  const mosquitto = findMosquitto();
  const isBrokerNeeded = brokerNeeded(options, { mosquitto, all: scenarios });
  const folder = mkdtempSync(join(tmpdir(), "mailboat-bench-"));
  let broker: Mosquitto | undefined;
  const cleanUp = async () => {
    await broker?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void cleanUp().then(() => process.exit(1)));
  }
  try {
    const facts = factsText(await machineFacts({ folder, mosquitto }));
    (json ? console.error : console.log)(`${facts}\n`);
    if (isBrokerNeeded) {
      broker = await startMosquitto({ config: BROKER_CONFIG });
    }
    const found: Figure[] = [];
    for (const { name, summary, run } of options.scenarios) {
      const note = (progress: string) =>
        console.error(`  ${name}: ${progress}`);
      const brokerUrl = broker?.url ?? "";
      const beganMs = performance.now();
      const figures = await run({ quick, folder, brokerUrl, note });
      note(`${short((performance.now() - beganMs) / 1_000)} s`);
      found.push(...figures);
      if (json) {
        for (const figure of figures) {
          console.log(JSON.stringify(recordOf(name, figure)));
        }
      } else console.log(`\n${name}: ${summary}\n\n${tableText(figures)}\n`);
    }
    console.error(summaryText(found));
  } finally {
    await cleanUp();
  }
}
