/**
 * The sampler: reads all devices several times a second and records each
 * reading in a transaction of its own.
 *
 * @module
 */

import { systemClock } from "@mailboat/outbox";
import type { GatewayDatabase, ReadingRef } from "./gateway_database.ts";
import { vitalSigns } from "./vital_signs.ts";
import { wallClockMs } from "./wall_clock.ts";

/** What the sampler works with. */
export interface SamplerOptions {
  readonly gateway: string;
  readonly database: GatewayDatabase;
  /** A directory on the disk that is measured. */
  readonly directory: string;
  /** Ends the sampling. */
  readonly signal: AbortSignal;
  /** Called after every commit. */
  readonly onCommit: (reading: ReadingRef, committedAtMs: number) => void;
  /** Called after every rollback. */
  readonly onRollback: () => void;
}

const ROUND_MS = 250;
/** One in so many readings is withdrawn after its event was enqueued. */
const WITHDRAW_EVERY = 16;

/** Samples until aborted. */
export async function runSampler(options: SamplerOptions): Promise<void> {
  const { gateway, database, signal, onCommit, onRollback } = options;
  const clock = systemClock();
  const read = vitalSigns(options.directory);
  // A withdrawn reading keeps its number, so that its event, if it ever got
  // out, could not pass for another.
  const counts = new Map<string, number>();
  let total = 0;
  let dueAtMs = clock.monotonicMs();
  while (!signal.aborted) {
    const signs = await read();
    for (const { device, values } of signs) {
      const reading = (counts.get(device) ?? 0) + 1;
      counts.set(device, reading);
      total += 1;
      const takenAtMs = Math.round(wallClockMs());
      const kept = await database.record(
        { gateway, device, reading, takenAtMs, values },
        total % WITHDRAW_EVERY === 0,
      );
      if (kept) onCommit({ device, reading }, wallClockMs());
      else onRollback();
      // Also when late: the driver is synchronous under its promises, and
      // timers and sockets need a turn.
      dueAtMs += ROUND_MS / signs.length;
      await clock.sleep(dueAtMs - clock.monotonicMs(), signal);
    }
  }
}
