/**
 * A batch of seeds: runs them, counts what they reached, keeps what failed.
 *
 * @module
 */

import { type Report, simulate } from "./world.ts";

/** What a batch adds up to. */
export interface Batch {
  readonly seeds: number;
  /** Reports of seeds that broke a promise, or what they threw. */
  readonly failed: readonly (Report | { seed: number; error: string })[];
  /** How many seeds reached each situation. */
  readonly situations: ReadonlyMap<string, number>;
}

/** Situations that a batch must have reached, or it proves too little. */
export const REQUIRED_SITUATIONS: readonly string[] = [
  "takeover",
  "lease lost",
  "fenced settle",
  "lost acknowledgement",
  "duplicate",
  "held",
  "skipped",
  "discarded",
  "retried by an operator",
  "connect failed: TRANSPORT_UNAVAILABLE",
  "connect failed: TRANSPORT_REFUSED",
  "store failed after its effect",
  "killed in flight",
  "stopped in flight",
  "stall broken",
  "backlog over batch",
];

/** Every this many seeds, one is run twice: equal digests prove that it can be replayed. */
const REPEAT_EVERY = 100;

/** Runs `count` seeds from `first` on. */
export async function runBatch(
  first: number,
  count: number,
  onSeed: (done: number) => void = () => {},
): Promise<Batch> {
  const failed: (Report | { seed: number; error: string })[] = [];
  const situations = new Map<string, number>();
  for (let seed = first; seed < first + count; seed++) {
    const report = await attempt(seed);
    if ("error" in report || isBroken(report)) failed.push(report);
    if (!("error" in report)) {
      for (const one of report.situations) {
        situations.set(one, (situations.get(one) ?? 0) + 1);
      }
      if (seed % REPEAT_EVERY === 0) {
        const again = await attempt(seed);
        if ("error" in again || again.digest !== report.digest) {
          failed.push({ seed, error: "Two runs differ" });
        }
      }
    }
    onSeed(seed - first + 1);
  }
  return { seeds: count, failed, situations };
}

async function attempt(
  seed: number,
): Promise<Report | { seed: number; error: string }> {
  try {
    return await simulate(seed);
  } catch (error) {
    return { seed, error: String(error) };
  }
}

function isBroken(report: Report): boolean {
  const { lost, phantom, reordered, duplicatesOverBound } = report;
  const { attemptsUnexplained, restless, drained } = report;
  const faults = lost + phantom + reordered + duplicatesOverBound;
  return faults + attemptsUnexplained + restless > 0 || !drained;
}
