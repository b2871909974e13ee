/**
 * One key is held, with much behind it: do the others notice?
 *
 * The lane lies before everything else, so a relay that starts has to get past
 * it. The others are drained beside the same without a held key; then the lane
 * is released under a steady stream.
 *
 * @module
 */

import { backlogFile, copyOf } from "../database.ts";
import { compared, type Figure } from "../figure.ts";
import { heldBacklog } from "../held_lane.ts";
import { runProgram } from "../program.ts";
import type { ReleaseReport } from "../programs/release.ts";
import { relayRun } from "../relay_run.ts";
import { short } from "../report.ts";
import { inRounds } from "../rounds.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { atLeast, atMost } from "../target.ts";

const KEYS = 1_000;
const WITHOUT = "without a held key";

interface Size {
  readonly held: number;
  readonly others: number;
  readonly watchMs: number;
}

const FULL: Size = { held: 1_000_000, others: 30_000, watchMs: 5_000 };
const QUICK: Size = { held: 10_000, others: 3_000, watchMs: 500 };

/** Drains past a held lane, and releases it. */
export const heldKey: Scenario = {
  name: "held-key",
  summary: "the other keys while one is held with much behind it",
  needsBroker: true,
  async run(bench) {
    const size = bench.quick ? QUICK : FULL;
    const { held, others, watchMs } = size;
    const { folder, brokerUrl, note } = bench;
    note(`making a held lane of ${short(held)}`);
    const withHeld = await heldBacklog({ folder, held, others, keys: KEYS });
    const without = await backlogFile({ folder, events: others, keys: KEYS });
    const behind = `${short(held)} behind a held head`;
    const resultsOf = await inRounds({
      rounds: bench.quick ? 1 : 3,
      warmUp: !bench.quick,
      note,
      contestants: [
        [behind, () => drained(bench, withHeld, others)],
        [WITHOUT, () => drained(bench, without, others)],
      ],
    });
    const reports: ReleaseReport[] = [];
    for (let round = 1; round <= (bench.quick ? 1 : 3); round++) {
      note(`release ${round}`);
      const path = copyOf(withHeld, "release");
      const order = { path, brokerUrl, watchMs };
      reports.push(await runProgram<ReleaseReport>("release", { order }));
    }
    return [
      compared({
        figure: `${behind}: rate of the others`,
        unit: "events/s",
        ours: resultsOf(behind).map(({ rate }) => rate),
        against: WITHOUT,
        reference: resultsOf(WITHOUT).map(({ rate }) => rate),
        target: atLeast(0.9, "ratio"),
      }),
      compared({
        figure: `${behind}: run() to their first`,
        unit: "ms",
        ours: resultsOf(behind).map(({ firstMs }) => firstMs),
        against: WITHOUT,
        reference: resultsOf(WITHOUT).map(({ firstMs }) => firstMs),
      }),
      ...pauses(reports),
    ];
  },
};

function pauses(reports: readonly ReleaseReport[]): Figure[] {
  return [
    compared({
      figure: "released: longest pause of the others at 200/s",
      unit: "ms",
      ours: reports.map(({ afterMs }) => afterMs),
      against: "just before",
      reference: reports.map(({ beforeMs }) => beforeMs),
      target: atMost(50),
    }),
  ];
}

interface Drained {
  readonly rate: number;
  readonly firstMs: number;
}

async function drained(
  { brokerUrl }: Bench,
  start: string,
  events: number,
): Promise<Drained> {
  const path = copyOf(start, "held_key");
  let count = 0;
  let firstMs = NaN;
  let lastMs = NaN;
  const beganMs = performance.now();
  await relayRun({
    path,
    brokerUrl,
    events,
    relay: {
      observe: ({ type }) => {
        if (type !== "message.delivered") return;
        count += 1;
        if (count === 1) firstMs = performance.now();
        lastMs = performance.now();
      },
    },
  });
  return {
    rate: (events - 1) / (lastMs - firstMs) * 1_000,
    firstMs: firstMs - beganMs,
  };
}
