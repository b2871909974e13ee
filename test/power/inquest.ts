/**
 * Opens and judges what a power cut has left in a folder, and removes it.
 *
 * @module
 */

import { rmSync } from "node:fs";
import type { Mark } from "./mark.ts";
import { recover } from "./recovery.ts";
import { type Tally, tallyOf } from "./tally.ts";
import type { Trial } from "./trial.ts";
import { judgeCut, UNUSABLE } from "./verdict.ts";

/** The scene. */
export interface Scene {
  readonly folder: string;
  /** What was seen before, for each moment at which the power may have gone. */
  readonly histories: readonly (readonly Mark[])[];
  readonly trial: Trial;
  /** Which cut it was, for people. */
  readonly where: string;
}

/** Returns the tally of one cut. It is guilty if it is so at every moment it may have come at. */
export async function judgeFolder(
  { folder, histories, trial, where }: Scene,
): Promise<Tally> {
  try {
    const recovery = await recover(folder, trial);
    return histories
      .map((marks) => tallyOf(judgeCut(marks, recovery, trial), where))
      .reduce((best, other) => other.guilty < best.guilty ? other : best);
  } catch (error) {
    const verdict = { violations: UNUSABLE, lostNewest: 0 };
    return tallyOf(verdict, `${where}: ${error}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
