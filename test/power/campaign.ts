/**
 * A whole run: every level and its control, replayed and real.
 *
 * @module
 */

import { createSeededRandom } from "@mailboat/outbox/testing";
import { availableParallelism } from "node:os";
import { allocate, obstacleTo } from "./loop_file_system.ts";
import { compileRecorder, compileShutdown } from "./native.ts";
import type { Options } from "./options.ts";
import { NOTHING, sum, type Tally } from "./tally.ts";
import { CARELESS_RELAY, LYING_DISK, type Trial } from "./trial.ts";
import type { Workspace } from "./workspace.ts";

/** The cuts of one kind under one trial. */
export interface Series {
  readonly how: "replayed" | "real";
  readonly trial: Trial;
  readonly tally: Tally;
}

/** What a run tells while it lasts. */
export interface Listener {
  /** A cut was judged. */
  onCut(how: Series["how"]): void;
  /** All cuts of a series were judged. */
  onSeries(series: Series): void;
  /** The real cuts are left out. */
  onSkipped(why: string): void;
}

/** A replay waits for timers half of the time. */
const WORKERS = 2 * availableParallelism();
/** Short recordings and many of them: each has its own rhythm. */
const STATES_PER_RECORDING = 125;
/** A control ends when it is found guilty; these are far more than that takes. */
const CONTROL_RECORDINGS = 20;
const STATES_PER_CONTROL_RECORDING = 25;
const MOST_CONTROL_CUTS = 40;

/** Runs everything that is asked for. */
export async function runCampaign(
  options: Options,
  workspace: Workspace,
  listener: Listener,
): Promise<Series[]> {
  return [
    ...options.states > 0 ? await replay(options, workspace, listener) : [],
    ...options.cuts > 0 ? await cutForReal(options, workspace, listener) : [],
  ];
}

async function replay(
  { states, levels, seed }: Options,
  workspace: Workspace,
  listener: Listener,
): Promise<Series[]> {
  const random = createSeededRandom(seed);
  const recorder = compileRecorder(workspace.folder);
  const controls = levels.map(({ synchronous }) =>
    synchronous === "FULL" ? LYING_DISK : CARELESS_RELAY
  );
  const series: Series[] = [];
  for (const trial of [...levels, ...controls]) {
    const counts = trial.control
      ? Array<number>(CONTROL_RECORDINGS).fill(STATES_PER_CONTROL_RECORDING)
      : portions(states);
    const tasks = counts.map((count) => {
      const order = { trial, count, recorder, seed: anySeed(random) };
      return () =>
        workspace.run("replay", order, () => listener.onCut("replayed"));
    });
    const tally = trial.control
      ? await untilGuilty(tasks)
      : (await inParallel(tasks, WORKERS)).reduce(sum, NOTHING);
    series.push({ how: "replayed", trial, tally });
    listener.onSeries({ how: "replayed", trial, tally });
  }
  return series;
}

async function cutForReal(
  { cuts, levels, seed }: Options,
  workspace: Workspace,
  listener: Listener,
): Promise<Series[]> {
  const random = createSeededRandom(seed);
  const files = allocate(
    workspace.folder,
    compileShutdown(workspace.folder),
  );
  workspace.willMount(files.mountPoint);
  const obstacle = obstacleTo(files);
  if (obstacle !== null) {
    listener.onSkipped(obstacle);
    return [];
  }
  const series: Series[] = [];
  for (const trial of [...levels, CARELESS_RELAY]) {
    const count = trial.control ? MOST_CONTROL_CUTS : cuts;
    const order = { trial, count, files, seed: anySeed(random) };
    const tally = await workspace.run(
      "power_cut",
      order,
      () => listener.onCut("real"),
    );
    series.push({ how: "real", trial, tally });
    listener.onSeries({ how: "real", trial, tally });
  }
  return series;
}

function portions(count: number): number[] {
  const whole = Math.floor(count / STATES_PER_RECORDING);
  const rest = count % STATES_PER_RECORDING;
  const portions = Array<number>(whole).fill(STATES_PER_RECORDING);
  return rest > 0 ? [...portions, rest] : portions;
}

function anySeed(random: { integer(low: number, high: number): number }) {
  return random.integer(0, 2 ** 31 - 1);
}

/** Runs tasks, one at a time, until a promise is broken. */
async function untilGuilty(
  tasks: readonly (() => Promise<Tally>)[],
): Promise<Tally> {
  let tally = NOTHING;
  for (const task of tasks) {
    if (tally.guilty > 0) break;
    tally = sum(tally, await task());
  }
  return tally;
}

/** Runs tasks, a few at a time; returns their results in order. */
async function inParallel<T>(
  tasks: readonly (() => Promise<T>)[],
  width: number,
): Promise<T[]> {
  const results: T[] = [];
  const waiting = [...tasks.entries()];
  const work = async () => {
    for (let next; (next = waiting.shift()) !== undefined;) {
      const [at, task] = next;
      results[at] = await task();
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return results;
}
