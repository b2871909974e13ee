/**
 * Records one workload, and opens what power cuts at many points of it would
 * have left.
 */

import { createSeededRandom } from "@mailboat/outbox/testing";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { judgeFolder } from "../inquest.ts";
import { cuts, recordWorkload } from "../recording.ts";
import { NOTHING, sum } from "../tally.ts";
import type { Trial } from "../trial.ts";
import { leave, order, tell } from "./parent.ts";

/** One recording, and how often to cut it. */
export interface ReplayOrder {
  readonly trial: Trial;
  readonly seed: number;
  readonly count: number;
  /** The library that records. */
  readonly recorder: string;
  /** A folder for this process alone. */
  readonly folder: string;
}

const TRANSACTIONS = 120;
const CHECKPOINT_PAGES = [10, 40, 160, 1_000] as const;
/** The client keeps its files open until it is collected as garbage. */
const COLLECT_EVERY = 25;

const { trial, seed, count, recorder, folder } = order<ReplayOrder>();
const random = createSeededRandom(seed);
const recording = join(folder, "recording");
mkdirSync(recording);
const records = await recordWorkload({
  trial,
  seed,
  transactions: TRANSACTIONS,
  checkpointPages: random.pick(CHECKPOINT_PAGES),
  recorder,
  folder: recording,
});
let tally = NOTHING;
const { honestDisk } = trial;
for (const cut of cuts(records, { count, random, honestDisk })) {
  const { after, fate, marks, image } = cut;
  const where = `seed ${seed}, after record ${after}, ${fate}`;
  tell({ type: "progress", where });
  const state = join(folder, `state ${tally.cuts}`);
  mkdirSync(state);
  for (const [name, bytes] of image) writeFileSync(join(state, name), bytes);
  const scene = { folder: state, histories: [marks], trial, where };
  tally = sum(tally, await judgeFolder(scene));
  if (tally.cuts % COLLECT_EVERY === 0) globalThis.gc?.();
}
tell({ type: "report", tally });
leave();
