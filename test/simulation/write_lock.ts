/**
 * The write lock: whoever finds that another has it asks again.
 *
 * @module
 */

import { MailboatError } from "@mailboat/outbox";
import type { Timeline } from "./timeline.ts";

const BUSY_MS = 3;

/** Works as soon as nobody else has the lock. */
export async function withLock(
  timeline: Timeline,
  work: () => Promise<unknown>,
): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!isBusy(error)) throw error;
      await timeline.sleep(BUSY_MS);
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof MailboatError && error.code === "STORAGE_BUSY";
}
