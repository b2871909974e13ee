/**
 * A run: rounds with a forgetful and with a persistent broker in turn, one
 * history of them all.
 *
 * @module
 */

import { systemClock } from "@mailboat/outbox";
import { createSeededRandom } from "@mailboat/outbox/testing";
import type { Options } from "./options.ts";
import type { HistoryFile } from "./history_file.ts";
import { Log } from "./log.ts";
import { playRound } from "./round.ts";

/** What a run is told. */
export interface RunOptions
  extends Pick<Options, "minutes" | "seed" | "control"> {
  readonly file: HistoryFile;
  /** Prints a line of progress. */
  readonly print: (line: string) => void;
  /** Aborted when all must end at once. */
  readonly signal: AbortSignal;
}

const LONGEST_ROUND_MINUTES = 5;
const PROGRESS_EVERY_MS = 10_000;

/** Breaks things for as long as it is told, and resolves with what was seen. */
export async function run(options: RunOptions): Promise<Log> {
  const { minutes, seed, control, file, signal } = options;
  const log = new Log(file);
  const random = createSeededRandom(seed);
  const rounds = 2 * Math.ceil(minutes / 2 / LONGEST_ROUND_MINUTES);
  const stopTelling = tellProgress(log, options);
  try {
    for (let round = 0; round < rounds && !signal.aborted; round++) {
      await playRound({
        name: `r${round + 1}`,
        seed: random.integer(0, 2 ** 31),
        persistent: round % 2 === 1,
        sabotage: control,
        forMs: minutes / rounds * 60_000,
        log,
        signal,
      });
    }
    if (!signal.aborted) log.write({ type: "end" });
  } finally {
    stopTelling();
    await file.close();
  }
  return log;
}

function tellProgress(log: Log, { print }: RunOptions): () => void {
  const clock = systemClock();
  const beganMs = clock.monotonicMs();
  const timer = setInterval(() => {
    const seconds = Math.round((clock.monotonicMs() - beganMs) / 1_000);
    const minute = Math.floor(seconds / 60);
    const { faults, committed, received, facts } = log;
    const all = [...faults.values()].reduce((sum, count) => sum + count, 0);
    const memory = Math.round(process.memoryUsage.rss() / 2 ** 20);
    print(
      `${minute}:${String(seconds % 60).padStart(2, "0")}  faults ${all}, ` +
        `kills ${log.kills}, committed ${committed}, received ${received}, ` +
        `connections ${facts.wire.connections}, memory ${memory} MB`,
    );
  }, PROGRESS_EVERY_MS);
  return () => clearInterval(timer);
}
