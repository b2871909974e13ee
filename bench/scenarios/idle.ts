/**
 * Nothing to do: what a relay costs that waits for work. It has delivered a
 * message before, and its lease has lapsed.
 *
 * All wait at the same time, each in a process of its own.
 *
 * @module
 */

import { backlogFile, copyOf } from "../database.ts";
import { checkCounted } from "../device.ts";
import { alone, compared, type Figure } from "../figure.ts";
import { FULL_PACE, type IdlePace, secondsAt } from "../idle_pace.ts";
import { runProgram } from "../program.ts";
import type { IdleReport } from "../programs/idle.ts";
import type { Scenario } from "../scenario.ts";
import { atMost } from "../target.ts";

const DEFAULT_MS = 1_000;
/** The default, one that is too eager, and none: mqtt.js alone. */
const POLLS = [DEFAULT_MS, 20, null] as const;

const QUICK: IdlePace = {
  leaseMs: 500,
  restMs: 1_500,
  watchMs: 1_500,
  times: 1,
};

/** Watches relays that have nothing to do. */
export const idle: Scenario = {
  name: "idle",
  summary: "CPU and bytes written of a relay that waits",
  needsBroker: true,
  async run({ quick, folder, brokerUrl, note }) {
    checkCounted();
    const pace = quick ? QUICK : FULL_PACE;
    note(`waiting for ${secondsAt(pace)} s`);
    const start = await backlogFile({ folder, events: 1, keys: 1 });
    const reports = await Promise.all(POLLS.map((pollMs) => {
      const path = copyOf(start, `idle_${pollMs}`);
      const order = { path, brokerUrl, pollMs, ...pace };
      return runProgram<IdleReport>("idle", { order });
    }));
    const bare = reports.at(-1)!.cpuPercent;
    return POLLS.flatMap((pollMs, at): Figure[] => {
      const report = reports[at]!;
      if (pollMs === null) return [];
      // A bad configuration is shown, and held to nothing.
      const isDefault = pollMs === DEFAULT_MS;
      return [
        compared({
          figure: `pollMs ${pollMs}: CPU of one core`,
          unit: "%",
          ours: report.cpuPercent,
          against: "mqtt.js, connected",
          reference: bare,
          ...isDefault && { target: atMost(0.2) },
        }),
        alone(
          `pollMs ${pollMs}: written to the device`,
          "bytes",
          report.writtenBytes,
          isDefault ? atMost(0) : undefined,
        ),
      ];
    });
  },
};
