/**
 * Importing: what the core costs a process that starts, and a download.
 *
 * @module
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import {
  bundled,
  CORE,
  gzippedBytes,
  takingOf,
  type Use,
  USES,
} from "../bundle.ts";
import { alone, compared, type Figure } from "../figure.ts";
import { runProgram } from "../program.ts";
import type { ImportReport } from "../programs/import.ts";
import { type Contestant, inRounds } from "../rounds.ts";
import type { Scenario } from "../scenario.ts";
import { atMost, type Target } from "../target.ts";

/** The target: kB are 1,000 bytes. */
const SIZE: Target = atMost(15);
const TIME: Target = atMost(10);

/** What else such a process imports. */
const OTHERS = ["mqtt", "@libsql/client", "drizzle-orm"] as const;

const SHIPPED = "the core as it is shipped";
const ONE_FILE = "the core as one minified file";

/** Imports the core in new processes, and weighs it. */
export const importing: Scenario = {
  name: "import",
  summary: "time to import the core, beside its peers, and its size",
  needsBroker: false,
  async run({ quick, folder, note }) {
    const uses = Object.keys(USES) as Use[];
    const codes = new Map<Use, string>();
    for (const use of uses) {
      note(`bundling: ${use}`);
      codes.set(use, await bundled(takingOf(use), folder));
    }
    const file = join(folder, "core.mjs");
    writeFileSync(file, codes.get("everything")!);
    const timed = (name: string, specifier: string): Contestant<number> => [
      name,
      () => importMs(specifier),
    ];
    const resultsOf = await inRounds({
      rounds: quick ? 2 : 15,
      warmUp: !quick,
      note,
      contestants: [
        timed(SHIPPED, pathToFileURL(CORE).href),
        timed(ONE_FILE, pathToFileURL(file).href),
        ...OTHERS.map((name) => timed(name, name)),
      ],
    });
    const beside = (
      figure: string,
      against: string,
      target?: Target,
    ): Figure =>
      compared({
        figure,
        unit: "ms",
        ours: resultsOf(figure),
        against,
        reference: resultsOf(against),
        ...target && { target },
      });
    return [
      ...OTHERS.map((against, at) =>
        beside(SHIPPED, against, at === 0 ? TIME : undefined)
      ),
      beside(ONE_FILE, SHIPPED, TIME),
      ...uses.map((use) =>
        alone(
          `minified and gzipped: ${use}`,
          "kB",
          [gzippedBytes(codes.get(use)!) / 1_000],
          use === "everything" || use === "outbox and relay" ? SIZE : undefined,
        )
      ),
    ];
  },
};

/** How long a new process takes to import something, in ms. */
export async function importMs(specifier: string): Promise<number> {
  const order = { specifier };
  const { tookMs } = await runProgram<ImportReport>("import", { order });
  return tookMs;
}
