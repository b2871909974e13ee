/**
 * A recording: what the processes of a workload did to their files, and the
 * images that a power cut would have left at any point of it.
 *
 * @module
 */

import type { SeededRandom } from "@mailboat/outbox/testing";
import { mkdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Disk, type Image } from "./disk.ts";
import { drawFate, type FateKind, FATES } from "./fate.ts";
import { type IoRecord, readRecord } from "./io_record.ts";
import { type Mark, readMarks } from "./mark.ts";
import type { Trial } from "./trial.ts";
import { within } from "./time_limit.ts";
import { DATABASE, startWorkload } from "./workload.ts";

/** What is recorded, and how. */
export interface RecordingOptions {
  readonly trial: Trial;
  readonly seed: number;
  readonly transactions: number;
  readonly checkpointPages: number;
  /** The library that records. */
  readonly recorder: string;
  /** An empty folder. */
  readonly folder: string;
}

/** A power cut. */
export interface Cut {
  /** How many records came before it. */
  readonly after: number;
  readonly fate: FateKind;
  readonly marks: readonly Mark[];
  readonly image: Image;
}

/** The marks are written into the recorded folder, to be in order with the rest. */
const MARKS = "marks";
const SHARED_MEMORY = `${DATABASE}-shm`;
const SHARED_MEMORY_BYTES = 32_768;

/** Far longer than a workload takes: a relay that is stuck holds it up. */
const WORKLOAD_MS = 120_000;

/** Runs a workload and records it. */
export async function recordWorkload(
  options: RecordingOptions,
): Promise<IoRecord[]> {
  const folder = join(options.folder, "files");
  mkdirSync(folder);
  const log = join(options.folder, "log");
  const workload = await startWorkload({
    ...options,
    folder,
    marks: join(folder, MARKS),
    environment: {
      LD_PRELOAD: options.recorder,
      POWER_FOLDER: realpathSync(folder),
      POWER_LOG: log,
    },
    stderr: "inherit",
  });
  try {
    await within(WORKLOAD_MS, "the workload", workload.written);
    await workload.stop();
  } finally {
    await workload.kill();
  }
  const records = readRecord(readFileSync(log));
  rmSync(options.folder, { recursive: true });
  return records;
}

/** Cuts the power at random points, in order. */
export function* cuts(
  records: readonly IoRecord[],
  { count, random, honestDisk }: {
    readonly count: number;
    readonly random: SeededRandom;
    readonly honestDisk: boolean;
  },
): Generator<Cut> {
  const points = Array.from(
    { length: count },
    () => random.integer(0, records.length),
  ).sort((a, b) => a - b);
  const disk = new Disk();
  let marks = "";
  let at = 0;
  for (const point of points) {
    for (const record of records.slice(at, point)) {
      if (record.type === "write" && record.file === MARKS) {
        marks += new TextDecoder().decode(record.bytes);
      } else if (
        record.file !== SHARED_MEMORY &&
        (honestDisk || record.type !== "sync" || random.chance(0.5))
      ) disk.apply(record);
    }
    at = point;
    const fate = random.pick(FATES);
    const image = disk.image(drawFate(fate, random, disk.unsynced));
    yield {
      after: point,
      fate,
      marks: readMarks(marks),
      // It is mapped, and so not recorded: whatever is in it must do no harm.
      image: new Map([...image, [SHARED_MEMORY, junk(random)]]),
    };
  }
}

function junk(random: SeededRandom): Uint8Array {
  return new Uint8Array(SHARED_MEMORY_BYTES).fill(random.integer(0, 255));
}
