/**
 * What the programs of a run saw, as lines of one file. Written with one call
 * each, so that a recorded run has them among the writes of the database.
 *
 * @module
 */

import type { HistoryEntry } from "@mailboat/outbox/testing";
import { openSync, writeSync } from "node:fs";

/** An entry of the history; the broker also sees the sequence. */
export type Mark = HistoryEntry & { readonly seq?: number };

/** Returns what adds a mark to a file. */
export function openMarks(path: string): (mark: Mark) => void {
  const file = openSync(path, "a");
  return (mark) => void writeSync(file, `${JSON.stringify(mark)}\n`);
}

/** Reads marks; a line that was cut off was not seen by anybody. */
export function readMarks(text: string): Mark[] {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  return whole.split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Mark);
}
