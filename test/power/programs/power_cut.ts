/**
 * Cuts the power of a file system under a workload, again and again, and opens
 * what is left.
 */

import { createSeededRandom } from "@mailboat/outbox/testing";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import {
  type Blackout,
  cutPower,
  format,
  type LoopFiles,
  mount,
  unmount,
} from "../loop_file_system.ts";
import { type Mark, readMarks } from "../mark.ts";
import { NOTHING, sum } from "../tally.ts";
import type { Trial } from "../trial.ts";
import { startWorkload } from "../workload.ts";
import { leave, order, tell } from "./parent.ts";
import { judgeFolder } from "../inquest.ts";

/** Some power cuts. */
export interface PowerCutOrder {
  readonly trial: Trial;
  readonly seed: number;
  /** At most so many; a control that is found guilty needs no more. */
  readonly count: number;
  readonly files: LoopFiles;
  /** A folder for this process alone, on another file system. */
  readonly folder: string;
}

/** More than any cut waits for. */
const TRANSACTIONS = 100_000;
const CHECKPOINT_PAGES = [40, 160, 1_000] as const;
/** A cut comes after so many things were seen, so that it always hits work. */
const MARKS = { least: 60, most: 600 };
const ENOUGH_WITHIN_MS = 120_000;

const { trial, seed, count, files, folder } = order<PowerCutOrder>();
const random = createSeededRandom(seed);
const marksFile = join(folder, "marks");
let tally = NOTHING;
for (let cut = 1; cut <= count; cut++) {
  if (trial.control && tally.guilty > 0) break;
  const histories = await work();
  const after = join(folder, `after ${cut}`);
  mount(files);
  cpSync(files.mountPoint, after, { recursive: true });
  unmount(files);
  const where = `seed ${seed}, cut ${cut}, ${histories[0]?.length} marks, ` +
    `${histories.length - 1} meanwhile`;
  const scene = { folder: after, histories, trial, where };
  tally = sum(tally, await judgeFolder(scene));
  tell({ type: "progress", where });
}
tell({ type: "report", tally });
leave();

/** Works until the power is cut; returns what may have been seen before it. */
async function work(): Promise<Mark[][]> {
  format(files);
  mount(files);
  try {
    writeFileSync(marksFile, "");
    const workload = await startWorkload({
      trial,
      folder: files.mountPoint,
      marks: marksFile,
      seed: random.integer(0, 2 ** 31 - 1),
      transactions: TRANSACTIONS,
      checkpointPages: random.pick(CHECKPOINT_PAGES),
      environment: {},
      stderr: "ignore",
    });
    try {
      const enough = random.integer(MARKS.least, MARKS.most);
      const deadlineMs = performance.now() + ENOUGH_WITHIN_MS;
      while (marksUpTo().length < enough) {
        if (performance.now() > deadlineMs) throw new Error("Nothing happens");
        await pause(1);
      }
      return seenBefore(cutPower(files, marksFile));
    } finally {
      await workload.kill();
    }
  } finally {
    unmount(files);
  }
}

/**
 * A cut takes a moment, and what is seen meanwhile may come before it or after
 * it. After it, a sync may have succeeded that has done nothing: ext4 says so
 * when it meets the abort of its own journal.
 */
function seenBefore({ beganAt, endedAt }: Blackout): Mark[][] {
  const least = marksUpTo(beganAt).length;
  const most = marksUpTo(endedAt);
  return Array.from(
    { length: most.length - least + 1 },
    (_, more) => most.slice(0, least + more),
  );
}

function marksUpTo(size?: number): Mark[] {
  return readMarks(readFileSync(marksFile).subarray(0, size).toString());
}
